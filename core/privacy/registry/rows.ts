import {
  type Basis,
  type CollectionRule,
  DATA_CLASSES,
  type DataClass,
  type EraseRule,
  type Registry,
  type Retention,
} from '../registry-types.ts';

/** One kind of thing that is kept, in words: a row of the policy's table and of `docs/privacy.md`. */
export interface KeptRow {
  class: DataClass;
  what: string;
  purpose: string;
  basis: string;
  kept: string;
  /** "yes", or why not. */
  export: string;
  /** What happens to it when the account is deleted. */
  erase: string;
}

const BASES: Record<Basis, string> = {
  contract: 'to do what you asked for',
  law: 'because the law says so',
  consent: 'because you agreed',
  safety: 'to keep the service safe',
};

/** Every collection and every kind of object, class by class. */
export function keptRows({ collections, objects }: Registry): KeptRow[] {
  const rows = [
    ...Object.values(collections).map(rowOf),
    ...Object.values(objects).map(({ class: one, about, purpose, basis, kept, export: taken, erase }) => ({
      ...{ class: one, what: about, purpose, basis: BASES[basis], kept },
      export: taken === 'yes' ? 'yes' : `no: ${taken.not}`,
      erase: erase === 'delete' ? 'deleted' : erase === 'expire' ? 'ends by itself' : erase,
    })),
  ];
  const order = Object.keys(DATA_CLASSES);
  return rows.sort((a, b) => order.indexOf(a.class) - order.indexOf(b.class));
}

const rowOf = ({ class: one, title, purpose, basis, retention, export: taken, erase }: CollectionRule): KeptRow => ({
  ...{ class: one, what: title, purpose, basis: BASES[basis], kept: keptWords(retention) },
  export: taken === 'yes' ? 'yes' : `no: ${taken.not}`,
  erase: eraseWords(erase),
});

function keptWords(retention: Retention): string {
  if ('days' in retention) return `${retention.days} days`;
  if ('until' in retention) return retention.about;
  const words = { account: 'while you have an account', deployment: 'while the service runs', 'until done': 'until it is done' };
  return words[retention.kept];
}

function eraseWords(erase: EraseRule): string {
  if (erase.how === 'delete') return 'deleted';
  if (erase.how === 'expire') return 'ends by itself';
  return `${erase.how === 'keep' ? 'stays' : 'stays under a pseudonym'}: ${erase.why}`;
}
