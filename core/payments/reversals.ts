import type { Payment, Reversal } from './payment.ts';

/** The rules of money that goes back. Pure: components in, targets out. */

/** What is known of a payment's refunds and disputes after this was learnt; a component never goes back to an earlier state. */
export function mergeReversals(known: readonly Reversal[], learnt: readonly Reversal[]): Reversal[] {
  const merged = new Map(known.map((component) => [component.id, component]));
  for (const component of learnt) {
    const before = merged.get(component.id);
    if (!before || component.rank > before.rank) merged.set(component.id, component);
  }
  return [...merged.values()];
}

/** How much of the money has gone back: what counts, and never more than was paid. */
export const reversedOf = (amountMinor: number, components: readonly Reversal[]): number =>
  Math.min(
    amountMinor,
    components.reduce((sum, one) => sum + (one.counts ? one.amountMinor : 0), 0),
  );

/**
 * How many credits must be reversed of each lot in total: the share of the money that went back, rounded up, spread over the lots
 * in proportion. Money that never moved takes nothing back.
 */
export function targetsOf(
  { amountMinor = 0, lots }: Pick<Payment, 'amountMinor' | 'lots'>,
  components: readonly Reversal[],
): { lotId: string; target: number }[] {
  const credits = lots.reduce((sum, lot) => sum + lot.credits, 0);
  const total = amountMinor > 0 ? ceilShare(credits, reversedOf(amountMinor, components), amountMinor) : 0;
  let before = 0;
  return lots.map((lot) => {
    const after = before + lot.credits;
    const target = floorShare(total, after, credits) - floorShare(total, before, credits);
    before = after;
    return { lotId: lot.id, target };
  });
}

/** `whole × part / of` in whole numbers. */
const floorShare = (whole: number, part: number, of: number): number => Number((BigInt(whole) * BigInt(part)) / BigInt(of));
const ceilShare = (whole: number, part: number, of: number): number =>
  Number((BigInt(whole) * BigInt(part) + BigInt(of) - 1n) / BigInt(of));

/** The status that the components give to a paid payment. */
export function statusOf(amountMinor: number, components: readonly Reversal[]): 'paid' | 'part_reversed' | 'reversed' {
  const reversed = reversedOf(amountMinor, components);
  if (reversed === 0) return 'paid';
  return reversed < amountMinor ? 'part_reversed' : 'reversed';
}

/** What the person should be told of a change, the gravest first. */
export function newsOf(
  before: readonly Reversal[],
  after: readonly Reversal[],
): 'disputed' | 'dispute_won' | 'refunded' | undefined {
  const counted = (id: string) => before.some((one) => one.id === id && one.counts);
  if (after.some(({ id, kind, counts }) => kind === 'dispute' && counts && !counted(id))) return 'disputed';
  if (after.some(({ id, kind, counts }) => kind === 'dispute' && !counts && counted(id))) return 'dispute_won';
  if (after.some(({ id, kind, counts }) => kind === 'refund' && counts && !counted(id))) return 'refunded';
  return undefined;
}
