import type { Outcome } from './account.ts';
import type { CreditAccount, Entry } from './types.ts';

/** Throws on the first of the rules I1 to I6 that an account breaks. `entries` are all of the account's entries, in any order. */
export function checkInvariants(account: CreditAccount, entries: readonly Entry[]): void {
  const broken = (rule: string, detail: unknown) => {
    throw new Error(`credit account ${account._id} breaks ${rule}: ${JSON.stringify(detail)}`);
  };

  for (const { _id, postings } of entries) {
    if (sum(postings, ({ amount }) => amount) !== 0) broken('I1, entry does not balance', _id);
  }

  const { available, held, debt, lots, holds } = account;
  if (Math.min(available, held, debt) < 0) broken('I2, negative', { available, held, debt });
  if (available !== sum(lots, (lot) => lot.remaining)) broken('I2, available differs from the lots', available);
  if (held !== sum(holds, (hold) => hold.amount)) broken('I2, held differs from the holds', held);
  if (debt > 0 && available > 0) broken('I2, debt beside available credits', { available, debt });

  const posted = (name: string) => sum(entries, ({ postings }) => sum(postings, (p) => (p.account === name ? p.amount : 0)));
  const totals = { available: posted('available'), held: posted('held'), debt: -posted('debt') };
  if (totals.available !== available || totals.held !== held || totals.debt !== debt)
    broken('I3, totals differ from the postings', totals);

  const ordered = [...entries].sort((a, b) => a.seq - b.seq);
  if (ordered.some(({ seq }, i) => seq !== i + 1) || ordered.length !== account.seq) {
    broken('I4, gap or repeat in seq', [account.seq, ...ordered.map(({ seq }) => seq)]);
  }
  if (new Set(ordered.map(({ op }) => op)).size !== ordered.length)
    broken(
      'I4, an operation was applied twice',
      ordered.map(({ op }) => op),
    );

  const amounts = new Map<string | undefined, number>();
  for (const { type, holdId, postings, result } of ordered) {
    if (type === 'reserve')
      amounts.set(
        holdId,
        sum(postings, (p) => (p.account === 'held' ? p.amount : 0)),
      );
    if (type !== 'capture' && type !== 'release') continue;
    if ((result.captured ?? 0) + (result.returned ?? 0) !== amounts.get(holdId))
      broken('I5, settled twice or for another amount', holdId);
    amounts.delete(holdId);
  }

  for (const lot of lots) {
    const parts = [lot.remaining, lot.held, lot.spent, lot.expired, lot.clawed];
    if (Math.min(...parts) < 0) broken('I6, negative part in a lot', lot);
    if (lot.granted !== sum(parts, (part) => part)) broken('I6, parts of a lot differ from what was granted', lot);
    if (lot.clawed > lot.reversed || lot.reversed > lot.granted) broken('I6, more taken out of a lot than is reversed', lot);
  }
}

/** I7: throws unless the repeat of an operation showed the first one and did nothing. `before` and `after` are what is stored. */
export function checkReplay(first: Entry, again: Outcome, before: CreditAccount, after: CreditAccount): void {
  const broken = (detail: string) => {
    throw new Error(`credit account ${first.accountId} breaks I7, ${first.op} again ${detail}`);
  };
  if (again.kind !== 'replayed') broken(`is ${again.kind}`);
  else if (JSON.stringify(again.entry) !== JSON.stringify(first)) broken('shows something else');
  if (JSON.stringify(before) !== JSON.stringify(after)) broken('changes the account');
}

/**
 * I9: throws unless everything that people and system accounts have sums to 0, and whatever moves between accounts moves
 * once and whole. `accounts` and `entries` are all there are. Returns the keys of transfers that have left and not arrived.
 */
export function checkBooks(accounts: readonly CreditAccount[], entries: readonly Entry[]): string[] {
  const broken = (rule: string, detail: unknown) => {
    throw new Error(`the books break I9, ${rule}: ${JSON.stringify(detail)}`);
  };
  const posted = (belongs: (name: string) => boolean) =>
    sum(entries, ({ postings }) => sum(postings, (posting) => (belongs(posting.account) ? posting.amount : 0)));
  const people = sum(accounts, ({ available, held, debt }) => available + held - debt);
  const system = posted((name) => name.startsWith('sys:'));
  if (people + system !== 0) broken('people and system do not sum to 0', { people, system });

  const lots = accounts.flatMap((account) => account.lots.filter(({ paymentId }) => paymentId !== undefined).map(({ id }) => id));
  if (new Set(lots).size !== lots.length) broken('a paid lot stands in two accounts', lots);

  const left = new Map(entries.filter(({ type }) => type === 'transferOut').map((entry) => [entry.op, entry]));
  const underway = new Set([...left.values()].filter(({ result }) => (result.moved ?? []).length > 0).map(({ op }) => op));
  for (const { type, op, accountId, result } of entries) {
    if (type !== 'transferIn') continue;
    const out = left.get(op.replace(/:in$/, ':out'));
    const isWhole = JSON.stringify(out?.result.moved) === JSON.stringify(result.moved);
    if (!isWhole || out?.result.counterpart !== accountId || result.counterpart !== out.accountId)
      broken('something else arrived', op);
    if (!underway.delete(out?.op ?? '')) broken('it arrived twice', op);
  }
  const expected = sum([...underway], (op) => sum(left.get(op)?.result.moved ?? [], ({ amount }) => amount));
  if (posted((name) => name === 'sys:transfer') !== expected) broken('sys:transfer differs from what is on its way', expected);
  return [...underway];
}

const sum = <Item>(items: readonly Item[], value: (item: Item) => number) =>
  items.reduce((total, item) => total + value(item), 0);
