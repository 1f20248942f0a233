import fc from 'fast-check';
import { emptyAccount, reduce } from '../../../core/credits/ledger.ts';
import { type CreditAccount, type Decision, type Entry, LOT_KINDS, type Op } from '../../../core/credits/types.ts';

/** An operation and how many milliseconds after the one before it happens. */
export interface Step {
  op: Op;
  after: number;
}

const few = (prefix: string, count: number) => fc.integer({ min: 1, max: count }).map((n) => `${prefix}${n}`);
const amount = fc.integer({ min: 1, max: 40 });
const soon = fc.integer({ min: 0, max: 400 });

/** Histories over few lots and holds, so that the same ones meet again and again, lapse, run dry and are settled late. */
export const histories: fc.Arbitrary<Step[]> = fc
  .array(
    fc.record({
      after: fc.integer({ min: 0, max: 20 }),
      op: fc.oneof(
        fc.record({
          type: fc.constant('grant' as const),
          lotId: few('lot', 12),
          kind: fc.constantFrom(...LOT_KINDS),
          amount,
          expiresAt: fc.oneof(fc.constant(null), soon),
        }),
        fc.record({ type: fc.constant('reserve' as const), holdId: few('g', 10), amount, until: soon }),
        fc.record({ type: fc.constant('extend' as const), holdId: few('g', 10), until: soon }),
        fc.record({ type: fc.constant('capture' as const), holdId: few('g', 10), amount, graceMs: soon }),
        fc.record({ type: fc.constant('capture' as const), holdId: few('g', 10) }),
        fc.record({ type: fc.constant('release' as const), holdId: few('g', 10), graceMs: soon }),
        fc.record({ type: fc.constant('expire' as const) }),
        fc.record({
          type: fc.constant('adjust' as const),
          lotId: few('lot', 12),
          amount,
          actor: fc.constant('o'),
          reason: fc.constant('r'),
        }),
        fc.record({
          type: fc.constant('clawbackTo' as const),
          lotId: few('lot', 12),
          target: fc.integer({ min: 0, max: 40 }),
          graceMs: soon,
        }),
        fc.record({ type: fc.constant('clawbackTo' as const), lotId: few('lot', 12), target: fc.integer({ min: 0, max: 5 }) }),
        fc.record({
          type: fc.constant('restrict' as const),
          reason: few('dispute', 2),
          on: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
        }),
        fc.record({ type: fc.constant('transferOut' as const), to: fc.constant('b1') }),
      ),
    }),
    { maxLength: 60, size: 'max' },
  )
  .map((steps) => steps.map(({ op, after }, i) => ({ after, op: { ...op, key: `${op.type}:${i}` } })));

/** Applies one operation after the other and shows what each of them did. */
export function play(
  steps: readonly Step[],
  { account = emptyAccount('a1'), entries = [] }: { account?: CreditAccount; entries?: readonly Entry[] } = {},
): { account: CreditAccount; entries: Entry[]; decisions: Decision[] } {
  const past = [...entries];
  const decisions: Decision[] = [];
  let at = 0;
  for (const { op, after } of steps) {
    at += after;
    const decision = reduce(account, op, at);
    decisions.push(decision);
    if (decision.kind !== 'applied') continue;
    account = decision.account;
    past.push(decision.entry);
  }
  return { account, entries: past, decisions };
}

export const history = (...ops: Op[]): Step[] => ops.map((op) => ({ op, after: 0 }));

/** An account that owes: a pack was granted, used up and then refunded. What it had available before pays first. */
export function inDebt(
  debt: number,
  past: { account: CreditAccount; entries: Entry[] } = { account: emptyAccount('a1'), entries: [] },
) {
  const made = play(
    history(
      { key: 'grant:owed', type: 'grant', lotId: 'owed', kind: 'allowance', amount: debt },
      { key: 'reserve:owed', type: 'reserve', holdId: 'owed', amount: debt, until: 0 },
      { key: 'capture:owed', type: 'capture', holdId: 'owed' },
      { key: 'claw:owed', type: 'clawbackTo', lotId: 'owed', target: debt },
    ),
    past,
  );
  if (made.account.debt !== debt) throw new Error(`the account owes ${made.account.debt} instead of ${debt}`);
  return { account: made.account, entries: made.entries };
}
