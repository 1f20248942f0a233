import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkInvariants } from '../../../core/credits/invariants.ts';
import { emptyAccount, reduce } from '../../../core/credits/ledger.ts';
import type { CreditAccount, LotKind, Op } from '../../../core/credits/types.ts';
import { history, play, type Step } from './histories.ts';

const grant = (lotId: string, kind: LotKind, amount: number, expiresAt: number | null = null) =>
  ({ key: `grant:${lotId}`, type: 'grant', lotId, kind, amount, expiresAt, paymentId: `pay:${lotId}` }) satisfies Op;
const use = (holdId: string, amount: number): Op[] => [
  { key: `reserve:${holdId}`, type: 'reserve', holdId, amount, until: 60_000 },
  { key: `capture:${holdId}`, type: 'capture', holdId },
];
const claw = (lotId: string, target: number, n = target, graceMs = 0) =>
  ({ key: `claw:${lotId}:${n}`, type: 'clawbackTo', lotId, target, graceMs }) satisfies Op;
const restrict = (reason: string, on: boolean, n = 1) =>
  ({ key: `restrict:${reason}:${n}`, type: 'restrict', reason, on }) satisfies Op;

function played(...steps: (Op | Step)[]): CreditAccount {
  const { account, entries, decisions } = play(steps.map((step) => ('op' in step ? step : { op: step, after: 0 })));
  expect(decisions.filter(({ kind }) => kind !== 'applied')).toEqual([]);
  checkInvariants(account, entries);
  return account;
}
const lotOf = (account: CreditAccount, id: string) => account.lots.find((lot) => lot.id === id);
const reasonOf = (account: CreditAccount, op: Op, at = 0) => {
  const decision = reduce(account, op, at);
  return decision.kind === 'rejected' ? decision.reason : decision.kind;
};

describe('a reversal', () => {
  test('takes what remains of the lot, and nothing from others', () => {
    const account = played(grant('pack', 'purchased', 10), grant('gift', 'promo', 5), claw('pack', 10));
    expect(account).toMatchObject({ available: 5, debt: 0 });
    expect(lotOf(account, 'pack')).toMatchObject({ remaining: 0, clawed: 10, reversed: 10 });
  });

  test('asks nobody for credits that expired unused', () => {
    const expire = { op: { key: 'expire:1', type: 'expire' }, after: 1_000 } as const;
    const account = played(grant('plan', 'allowance', 10, 1_000), ...use('g1', 4), expire, claw('plan', 10));
    expect(account).toMatchObject({ available: 0, debt: 4 });
    expect(lotOf(account, 'plan')).toMatchObject({ spent: 4, expired: 0, clawed: 6 });
  });

  test('of credits that were used is paid by other lots in the order they are drawn, and the rest is debt', () => {
    const account = played(
      grant('pack', 'purchased', 10),
      ...use('g1', 10),
      grant('old', 'purchased', 2),
      grant('gift', 'promo', 3),
    );
    const reversed = played(
      grant('pack', 'purchased', 10),
      ...use('g1', 10),
      grant('old', 'purchased', 2),
      grant('gift', 'promo', 3),
      claw('pack', 4),
    );
    expect(account).toMatchObject({ available: 5, debt: 0 });
    expect([lotOf(reversed, 'gift')?.remaining, lotOf(reversed, 'old')?.remaining]).toEqual([0, 1]);
    expect(play(history(claw('pack', 9)), { account: reversed }).account).toMatchObject({ available: 0, debt: 4 });
  });

  test('that leaves debt blocks new reservations until a later grant has repaid it', () => {
    const account = played(grant('pack', 'purchased', 10), ...use('g1', 10), claw('pack', 10));
    expect(account).toMatchObject({ available: 0, debt: 10 });
    const next = { key: 'reserve:g2', type: 'reserve', holdId: 'g2', amount: 1, until: 0 } as const;
    expect(reasonOf(account, next)).toBe('in_debt');
    const richer = reduce(account, grant('next', 'purchased', 12), 0).account;
    expect(richer).toMatchObject({ available: 2, debt: 0 });
    expect(reasonOf(richer, next)).toBe('applied');
  });

  test('leaves a running generation alone, and is repaid from what comes back of it', () => {
    const [reserve] = use('g1', 8);
    const running = played(grant('pack', 'purchased', 10), ...(reserve ? [reserve] : []), claw('pack', 10));
    expect(running).toMatchObject({ available: 0, held: 8, debt: 8 });
    const release = { key: 'release:g1', type: 'release', holdId: 'g1' } as const;
    expect(reduce(running, release, 0).account).toMatchObject({ available: 0, held: 0, debt: 0 });
  });

  test('of the same total once more changes nothing, and leaves an entry so that a late repeat cannot', () => {
    const account = played(grant('pack', 'purchased', 10), claw('pack', 4, 1), claw('pack', 4, 2));
    expect(account).toMatchObject({ available: 6, seq: 3 });
  });

  test('is refused for a lot that is not here and for more than was granted', () => {
    const account = played(grant('pack', 'purchased', 10));
    expect(reasonOf(account, claw('other', 1))).toBe('no_lot');
    expect(reasonOf(account, claw('pack', 11))).toBe('exceeds_lot');
    expect(reasonOf(account, claw('pack', -1))).toBe('exceeds_lot');
    expect(reasonOf(account, claw('pack', 0.5))).toBe('exceeds_lot');
  });

  test('names the payment in its entry', () => {
    const { entries } = play(history(grant('pack', 'purchased', 10), claw('pack', 4)));
    expect(entries[1]).toMatchObject({ lotId: 'pack', paymentId: 'pay:pack', result: { reversed: 4 } });
  });

  test('comes to the same credits whichever way its total was reached', () => {
    const target = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(fc.array(target, { maxLength: 6 }), target, fc.integer({ min: 0, max: 20 }), (ways, last, used) => {
        const before: Op[] = [grant('pack', 'purchased', 20), ...(used > 0 ? use('g1', used) : []), grant('gift', 'promo', 7)];
        const direct = played(...before, claw('pack', last));
        const around = played(...before, ...ways.map((way, n) => claw('pack', way, n)), claw('pack', last, 99));
        expect([around.available, around.debt]).toEqual([direct.available, direct.debt]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a reversal that is undone', () => {
  test('gives back into the lot what was taken there', () => {
    const account = played(grant('pack', 'purchased', 10), claw('pack', 8, 1), claw('pack', 0, 2));
    expect(account).toMatchObject({ available: 10 });
    expect(lotOf(account, 'pack')).toMatchObject({ remaining: 10, clawed: 0, reversed: 0 });
  });

  test('takes off the debt next', () => {
    const account = played(grant('pack', 'purchased', 10), ...use('g1', 7), claw('pack', 10, 1), claw('pack', 2, 2));
    expect(account).toMatchObject({ available: 1, debt: 0 });
  });

  test('gives back as goodwill what other lots have paid meanwhile', () => {
    const paid = [grant('pack', 'purchased', 10), ...use('g1', 10), claw('pack', 10, 1), grant('next', 'purchased', 10)];
    const account = played(...paid, claw('pack', 0, 2));
    expect(account).toMatchObject({ available: 10, debt: 0 });
    expect(account.lots.at(-1)).toMatchObject({ kind: 'goodwill', remaining: 10, expiresAt: null, paymentId: 'pay:pack' });
  });

  test('lets credits of a lot that expired meanwhile live on for the grace time', () => {
    const later = { op: claw('plan', 0, 2, 500), after: 2_000 };
    const account = played(grant('plan', 'allowance', 10, 1_000), claw('plan', 10, 1), later);
    expect(account).toMatchObject({ available: 10 });
    expect(reduce(account, { key: 'expire:plan:2501', type: 'expire' }, 2_501).account.available).toBe(0);
    expect(reasonOf(account, { key: 'expire:plan:2501', type: 'expire' }, 2_500)).toBe('unchanged');
  });
});

describe('a restriction', () => {
  const reserve = { key: 'reserve:g1', type: 'reserve', holdId: 'g1', amount: 1, until: 0 } as const;

  test('refuses reservations until the last of its reasons is gone', () => {
    const two = [grant('pack', 'purchased', 10), restrict('dispute:1', true), restrict('dispute:2', true)];
    expect(reasonOf(played(...two), reserve)).toBe('account_restricted');
    const one = [...two, restrict('dispute:1', false, 2)];
    expect(reasonOf(played(...one), reserve)).toBe('account_restricted');
    expect(reasonOf(played(...one, restrict('dispute:2', false, 2)), reserve)).toBe('applied');
  });

  test('lets everything else happen: grants, reversals and the end of what runs', () => {
    const account = played(grant('pack', 'purchased', 10), reserve, restrict('dispute:1', true));
    expect(reasonOf(account, grant('next', 'purchased', 1))).toBe('applied');
    expect(reasonOf(account, claw('pack', 10))).toBe('applied');
    expect(reasonOf(account, { key: 'capture:g1', type: 'capture', holdId: 'g1' })).toBe('applied');
  });

  test('that is there already is no second one, and both say so in the log', () => {
    const { account, entries } = play(history(restrict('dispute:1', true, 1), restrict('dispute:1', true, 2)));
    expect(account.restrictions).toEqual(['dispute:1']);
    expect(entries.map(({ reason, result }) => [reason, result.restricted])).toEqual([
      ['dispute:1', true],
      ['dispute:1', true],
    ]);
  });
});

test('an adjustment gives goodwill credits and says who gave them and why', () => {
  const op = { key: 'adjust:t1', type: 'adjust', lotId: 'adjust:t1', amount: 5, actor: 'operator', reason: 'sorry' } as const;
  const { account, entries } = play(history(op));
  expect(account.lots).toMatchObject([{ kind: 'goodwill', remaining: 5, expiresAt: null }]);
  expect(entries).toMatchObject([{ type: 'adjust', actor: 'operator', reason: 'sorry' }]);
  expect(reasonOf(emptyAccount('a1'), { ...op, amount: 0 })).toBe('bad_amount');
});
