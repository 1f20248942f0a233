import type { ClientSession } from 'mongoose';
import type { App } from '../app.ts';
import { applyCredits } from '../credits/account.ts';
import { whereLotIs } from '../credits/transfer.ts';
import type { Op } from '../credits/types.ts';
import { isForgotten } from './forget.ts';
import {
  changePayment,
  isWalletOf,
  type Payment,
  type PaymentChanges,
  type Reversal,
  readPayment,
  telling,
  walletOf,
} from './payment.ts';
import { mergeReversals, newsOf, statusOf, targetsOf } from './reversals.ts';
import { GRACE_MS } from './subscriptions.ts';

/** A refund or dispute as its rail tells it now, and whether it is fought over at this moment. */
export interface Component extends Reversal {
  isOpen?: boolean;
}

const ATTEMPTS = 20;

/** One operation on the account that it concerns; its key is made from the payment's revision. */
interface Step {
  accountId: string;
  op: (rev: number) => Op;
}

/**
 * Brings what is taken back for a payment to what its refunds and disputes come to. Safe to repeat and in any order. Each step is one
 * transaction that holds only while the payment is as it was when this was decided; the last one notes the components.
 */
export async function applyReversals(app: App, paymentId: string, learnt: readonly Component[], at: number): Promise<void> {
  const components = learnt.map(({ isOpen: _, ...component }) => component);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const payment = await paymentThere(app, paymentId);
    const merged = mergeReversals(payment.reversals, components);
    const changed = merged.filter((one) => !payment.reversals.includes(one));
    if (changed.length === 0) return;
    if (isForgotten(payment)) {
      // Nothing is left that could be taken: only the books say what went back.
      const noted = { reversals: merged, status: statusOf(payment.amountMinor ?? 0, merged) };
      if (await changePayment(app, payment, { set: noted })) return;
      continue;
    }
    const open = learnt.filter(({ id, rank }) => changed.some((one) => one.id === id && one.rank === rank));
    const steps = [...(await clawbacks(app, payment, merged)), ...(await restrictions(app, payment, open))];
    const tell = newsOf(payment.reversals, merged);
    const changes = {
      reversals: merged,
      status: statusOf(payment.amountMinor ?? 0, merged),
      ...(tell && telling(app, tell)),
    };
    if (!(await takeAll(app, payment, steps, { set: changes }, at))) continue;
    app.log.info('reversals applied', { reference: payment._id, provider: payment.provider, state: changes.status });
    if (tell) await app.queue.ring('notify', payment._id);
    return;
  }
  throw new Error('a payment changed faster than it could be reversed');
}

/** Adds or removes a reason for refusing new reservations, on the credit account of a payment. Safe to repeat. */
export async function restrict(app: App, paymentId: string, reason: string, on: boolean, at: number): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const payment = await paymentThere(app, paymentId);
    const accountId = isForgotten(payment) ? undefined : await holderOf(app, payment);
    if (!accountId || !(await isThere(app, accountId))) return;
    if ((await restrictionsOf(app, accountId)).includes(reason) === on) return;
    if (await takeAll(app, payment, [restriction(accountId, reason, on)], {}, at)) return;
  }
  throw new Error('a payment changed faster than its account could be restricted');
}

async function paymentThere(app: App, id: string): Promise<Payment> {
  const payment = await readPayment(app, id);
  if (!payment) throw new Error('a payment to be reversed is not there');
  return payment;
}

/** The credit account that has what a payment brought: a merge of two accounts takes it along. */
async function holderOf(app: App, payment: Payment, lotId = payment.lots[0]?.id): Promise<string> {
  const granted = payment.wallet ?? (await walletOf(app, payment.accountId));
  return (lotId && (await whereLotIs(app.connection, granted, lotId))) || granted;
}

async function clawbacks(app: App, payment: Payment, merged: readonly Reversal[]): Promise<Step[]> {
  const before = targetsOf(payment, payment.reversals);
  const moved = targetsOf(payment, merged).filter(({ target }, index) => target !== before[index]?.target);
  const steps: Step[] = [];
  for (const { lotId, target } of moved) {
    const accountId = await holderOf(app, payment, lotId);
    // They had moved on to somebody who has left, and ended there.
    if (!(await isThere(app, accountId))) continue;
    const key = (rev: number) => `claw:${payment._id}:${lotId}:${rev}`;
    steps.push({ accountId, op: (rev) => ({ key: key(rev), type: 'clawbackTo', lotId, target, graceMs: GRACE_MS }) });
  }
  return steps;
}

/** While a dispute is open nothing new is made; each has a reason of its own, so that winning one of two does not unlock. */
async function restrictions(app: App, payment: Payment, changed: readonly Component[]): Promise<Step[]> {
  const disputes = changed.filter(({ kind }) => kind === 'dispute');
  if (disputes.length === 0) return [];
  const accountId = await holderOf(app, payment);
  if (!(await isThere(app, accountId))) return [];
  const reasons = await restrictionsOf(app, accountId);
  return disputes.flatMap(({ id, isOpen = false }) => {
    const reason = `dispute:${id}`;
    return reasons.includes(reason) === isOpen ? [] : [restriction(accountId, reason, isOpen)];
  });
}

/** A credit account that went with its person is not made anew for a reversal; one that was never needed before is. */
const isThere = async (app: App, accountId: string): Promise<boolean> =>
  (await app.models.accounts.exists({ _id: accountId, status: { $ne: 'erasing' } })) !== null;

async function restrictionsOf(app: App, accountId: string): Promise<readonly string[]> {
  return (await app.models.creditAccounts.findById(accountId, { restrictions: 1 }).lean())?.restrictions ?? [];
}

const restriction = (accountId: string, reason: string, on: boolean): Step => ({
  accountId,
  op: (rev) => ({ key: `restrict:${reason}:${rev}`, type: 'restrict', reason, on }),
});

/** One step after the other, each moving the payment on by one revision; `last` is written with the last. False: something changed meanwhile. */
async function takeAll(app: App, payment: Payment, steps: readonly Step[], last: PaymentChanges, at: number): Promise<boolean> {
  if (steps.length === 0) return (await changePayment(app, payment, last)) !== undefined;
  let { rev } = payment;
  for (const [index, { accountId, op }] of steps.entries()) {
    const changes = index === steps.length - 1 ? last : {};
    const from = { _id: payment._id, rev };
    // An account that has just joined another one has nothing left to reverse or restrict: look again where it is now.
    const alongside = async (session: ClientSession) =>
      (await isWalletOf(app, accountId, accountId, session)) && (await changePayment(app, from, changes, session)) !== undefined;
    const outcome = await applyCredits({ connection: app.connection, accountId, op: op(rev + 1), at, alongside });
    // The lot is on its way to another account.
    if (outcome.kind === 'rejected' && outcome.reason === 'no_lot') return false;
    if (outcome.kind === 'rejected') throw new Error(`a reversal was refused: ${outcome.reason}`);
    if (outcome.kind !== 'applied') return false;
    rev += 1;
  }
  return true;
}
