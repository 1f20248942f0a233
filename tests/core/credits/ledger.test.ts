import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkInvariants } from '../../../core/credits/invariants.ts';
import { emptyAccount, fingerprint, reduce } from '../../../core/credits/ledger.ts';
import type { CreditAccount, Decision, LotKind, Op } from '../../../core/credits/types.ts';
import { histories, history, inDebt, play } from './histories.ts';

const grant = (lotId: string, kind: LotKind, amount: number, expiresAt: number | null = null) =>
  ({ key: `grant:${lotId}`, type: 'grant', lotId, kind, amount, expiresAt }) satisfies Op;
const reserve = (holdId: string, amount: number) =>
  ({ key: `reserve:${holdId}`, type: 'reserve', holdId, amount, until: 60_000 }) satisfies Op;
const capture = (holdId: string, amount?: number): Op => ({
  key: `capture:${holdId}`,
  type: 'capture',
  holdId,
  ...(amount !== undefined && { amount }),
});
const release = (holdId: string, graceMs = 0): Op => ({ key: `release:${holdId}`, type: 'release', holdId, graceMs });

const with10 = () => play(history(grant('pack', 'purchased', 10))).account;
const reasonOf = (decision: Decision) => (decision.kind === 'rejected' ? decision.reason : decision.kind);
const lotOf = (account: CreditAccount, id: string) => account.lots.find((lot) => lot.id === id);

describe('whatever happens to an account', () => {
  test('keeps the invariants after every step', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 30 }), (steps, debt) => {
        const start = debt > 0 ? inDebt(debt) : { account: emptyAccount('a1'), entries: [] };
        let at = 0;
        let { account } = start;
        const entries = [...start.entries];
        for (const { op, after } of steps) {
          at += after;
          const decision = reduce(account, op, at);
          if (decision.kind === 'applied') {
            account = decision.account;
            entries.push(decision.entry);
          }
          checkInvariants(account, entries);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('reaches every operation and every kind of decision in these histories', () => {
    const seen = new Set<string>();
    for (const steps of fc.sample(histories, { numRuns: 500, seed: 1 })) {
      play(steps).decisions.forEach((decision, i) => {
        seen.add(`${steps[i]?.op.type} ${reasonOf(decision)}`);
      });
    }
    const moves = ['clawbackTo', 'restrict', 'transferOut'];
    for (const type of ['grant', 'adjust', 'reserve', 'extend', 'capture', 'release', 'expire', ...moves])
      expect(seen).toContain(`${type} applied`);
    for (const reason of ['no_lot', 'exceeds_lot']) expect(seen).toContain(`clawbackTo ${reason}`);
    for (const reason of ['holds_open', 'account_restricted']) expect(seen).toContain(`transferOut ${reason}`);
    for (const reason of ['insufficient', 'busy_with_other_jobs', 'hold_exists']) expect(seen).toContain(`reserve ${reason}`);
    for (const reason of ['no_open_hold', 'exceeds_hold']) expect(seen).toContain(`capture ${reason}`);
  });

  test('decides the same from the same account, operation and time, and leaves the account as it was', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const last = steps.at(-1);
        fc.pre(last !== undefined);
        const { account } = play(steps.slice(0, -1));
        const before = structuredClone(account);
        const first = reduce(account, last.op, 500);
        expect(account).toEqual(before);
        expect(reduce(account, last.op, 500)).toEqual(first);
      }),
      { numRuns: 200 },
    );
  });

  test('never spends more than was granted', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { account, decisions } = play(steps);
        const granted = decisions.reduce((sum, decision, i) => {
          const op = steps[i]?.op;
          return sum + (decision.kind === 'applied' && (op?.type === 'grant' || op?.type === 'adjust') ? op.amount : 0);
        }, 0);
        const captured = decisions.reduce((sum, d) => sum + (d.kind === 'applied' ? (d.entry.result.captured ?? 0) : 0), 0);
        expect(captured + account.available + account.held - account.debt).toBeLessThanOrEqual(granted);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a reservation', () => {
  test('takes the allowance first, then promotions, then what was paid for; within these what expires sooner, then what is older', () => {
    const { account } = play(
      history(
        grant('paid', 'purchased', 1),
        grant('promo', 'promo', 1),
        grant('later', 'allowance', 1, 2_000),
        grant('sooner', 'allowance', 1, 1_000),
        grant('sooner, younger', 'allowance', 1, 1_000),
        grant('goodwill', 'goodwill', 1, 3_000),
        reserve('g1', 6),
      ),
    );
    expect(account.holds[0]?.parts.map(({ lot }) => lot)).toEqual([
      'sooner',
      'sooner, younger',
      'later',
      'goodwill',
      'promo',
      'paid',
    ]);
  });

  test('sets the credits aside', () => {
    const { account } = play(history(grant('pack', 'purchased', 10), reserve('g1', 4)));
    expect(account).toMatchObject({ available: 6, held: 4, holds: [{ id: 'g1', amount: 4, until: 60_000 }] });
  });

  test('tells too few credits from credits that other generations hold', () => {
    const { account } = play(history(grant('pack', 'purchased', 10), reserve('g1', 8)));
    expect(reasonOf(reduce(account, reserve('g2', 11), 0))).toBe('insufficient');
    expect(reasonOf(reduce(account, reserve('g2', 10), 0))).toBe('busy_with_other_jobs');
    expect(reasonOf(reduce(account, reserve('g2', 2), 0))).toBe('applied');
  });

  test('shows the account without what has expired when it is rejected', () => {
    const { account } = play(history(grant('trial', 'promo', 10, 1_000), grant('pack', 'purchased', 3)));
    const decision = reduce(account, reserve('g1', 5), 1_000);
    expect(decision).toMatchObject({ kind: 'rejected', reason: 'insufficient', account: { available: 3 } });
  });

  test('is refused to an account that is restricted, closed or in debt, and for a hold that is open', () => {
    const account = with10();
    expect(reasonOf(reduce({ ...account, restrictions: ['dispute'] }, reserve('g1', 1), 0))).toBe('account_restricted');
    expect(reasonOf(reduce({ ...account, closed: true }, reserve('g1', 1), 0))).toBe('account_closed');
    expect(reasonOf(reduce(inDebt(1).account, reserve('g1', 1), 0))).toBe('in_debt');
    const { account: holding } = play(history(grant('pack', 'purchased', 10), reserve('g1', 1)));
    expect(reasonOf(reduce(holding, { ...reserve('g1', 1), key: 'another' }, 0))).toBe('hold_exists');
  });

  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'is refused for %d credits, and so is a grant',
    (amount) => {
      expect(reasonOf(reduce(with10(), reserve('g1', amount), 0))).toBe('bad_amount');
      expect(reasonOf(reduce(with10(), grant('lot', 'promo', amount), 0))).toBe('bad_amount');
    },
  );
});

describe('the end of a hold', () => {
  const holding = () =>
    play(history(grant('allowance', 'allowance', 3, 1_000), grant('pack', 'purchased', 10), reserve('g1', 8))).account;

  test('is a capture of all of it by default', () => {
    const decision = reduce(holding(), capture('g1'), 0);
    expect(decision).toMatchObject({
      kind: 'applied',
      account: { available: 5, held: 0, holds: [] },
      entry: { result: { captured: 8, returned: 0 } },
    });
  });

  test('gives what a capture does not need back to the lots it came from', () => {
    const decision = reduce(holding(), capture('g1', 4), 0);
    expect(decision).toMatchObject({
      kind: 'applied',
      account: { available: 9, held: 0 },
      entry: { result: { captured: 4, returned: 4 } },
    });
    expect(lotOf(decision.account, 'allowance')).toMatchObject({ spent: 3, remaining: 0 });
    expect(lotOf(decision.account, 'pack')).toMatchObject({ spent: 1, remaining: 9 });
  });

  test('gives everything back on release', () => {
    const decision = reduce(holding(), release('g1'), 0);
    expect(decision).toMatchObject({ kind: 'applied', account: { available: 13, held: 0, holds: [] } });
  });

  test('happens once: no capture after a release, no release after a capture, never more than was held', () => {
    expect(reasonOf(reduce(play(history(release('g1')), { account: holding() }).account, capture('g1'), 0))).toBe('no_open_hold');
    expect(reasonOf(reduce(play(history(capture('g1')), { account: holding() }).account, release('g1'), 0))).toBe('no_open_hold');
    expect(reasonOf(reduce(holding(), capture('g1', 9), 0))).toBe('exceeds_hold');
    expect(reasonOf(reduce(holding(), capture('g1', -1), 0))).toBe('exceeds_hold');
  });

  test('gives credits of a lot that expired meanwhile a second life of the grace time', () => {
    const released = reduce(holding(), release('g1', 500), 2_000);
    expect(released.account.available).toBe(13);
    expect(reduce(released.account, reserve('g2', 13), 2_500).kind).toBe('applied');
    expect(reasonOf(reduce(released.account, reserve('g2', 13), 2_501))).toBe('insufficient');
  });

  test('repays a debt that came up meanwhile from what is given back', () => {
    const running = inDebt(3, play(history(grant('pack', 'purchased', 10), reserve('g1', 10))));
    const { account, entries } = play(history(release('g1')), running);
    expect(running.account).toMatchObject({ available: 0, held: 10, debt: 3 });
    checkInvariants(account, entries);
    expect(account).toMatchObject({ available: 7, held: 0, debt: 0 });
  });

  test('comes later when the hold is extended, and never sooner', () => {
    const extend = (until: number): Op => ({ key: `extend:g1:${until}`, type: 'extend', holdId: 'g1', until });
    expect(reduce(holding(), extend(90_000), 0).account.holds[0]?.until).toBe(90_000);
    expect(reasonOf(reduce(holding(), extend(60_000), 0))).toBe('unchanged');
    expect(reasonOf(reduce(with10(), extend(90_000), 0))).toBe('no_open_hold');
  });
});

describe('a grant', () => {
  test('repays debt before anything else', () => {
    const { account } = play(history(grant('pack', 'purchased', 10)), inDebt(4));
    expect(account).toMatchObject({ available: 6, debt: 0 });
    expect(play(history(grant('pack', 'purchased', 3)), inDebt(4)).account).toMatchObject({ available: 0, debt: 1 });
  });

  test('is refused for a lot that is there, a closed account and a sum past what numbers hold exactly', () => {
    expect(reasonOf(reduce(with10(), { ...grant('pack', 'promo', 1), key: 'another' }, 0))).toBe('lot_exists');
    expect(reasonOf(reduce({ ...with10(), closed: true }, grant('lot', 'promo', 1), 0))).toBe('account_closed');
    expect(reasonOf(reduce(with10(), grant('lot', 'promo', Number.MAX_SAFE_INTEGER), 0))).toBe('bad_amount');
  });
});

describe('expiry', () => {
  const expiring = () => play(history(grant('trial', 'promo', 7, 1_000), grant('pack', 'purchased', 2))).account;

  test('takes what is left of a lot at its time and not before', () => {
    expect(reasonOf(reduce(expiring(), { key: 'expire:trial:1000', type: 'expire' }, 999))).toBe('unchanged');
    const decision = reduce(expiring(), { key: 'expire:trial:1000', type: 'expire' }, 1_000);
    expect(decision).toMatchObject({ kind: 'applied', account: { available: 2 }, entry: { result: { expired: 7 } } });
  });

  test('does not touch credits that are set aside', () => {
    const { account } = play(history(reserve('g1', 5)), { account: expiring() });
    const decision = reduce(account, capture('g1'), 5_000);
    expect(decision).toMatchObject({ kind: 'applied', entry: { result: { captured: 5 } } });
    expect(lotOf(decision.account, 'trial')).toMatchObject({ spent: 5, expired: 2 });
  });
});

describe('the fingerprint of an operation', () => {
  test('does not depend on the clock or on the order of its parts', () => {
    expect(fingerprint({ ...reserve('g1', 5), until: 1 })).toBe(fingerprint({ ...reserve('g1', 5), until: 2 }));
    expect(fingerprint(release('g1', 1))).toBe(fingerprint(release('g1', 2)));
    const { type, key, ...rest } = grant('lot', 'promo', 1);
    expect(fingerprint({ ...rest, key, type })).toBe(fingerprint(grant('lot', 'promo', 1)));
  });

  test('differs with what the operation is about', () => {
    const prints = [reserve('g1', 5), reserve('g1', 6), reserve('g2', 5), capture('g1'), capture('g1', 5), release('g1')].map(
      fingerprint,
    );
    expect(new Set(prints).size).toBe(prints.length);
  });
});
