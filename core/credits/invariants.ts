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
  }
}

const sum = <Item>(items: readonly Item[], value: (item: Item) => number) =>
  items.reduce((total, item) => total + value(item), 0);
