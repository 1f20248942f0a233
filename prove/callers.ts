import type { ClientSession, Connection } from 'mongoose';
import { type CreditChange, OpKeyReused, type Outcome } from '../core/credits/account.ts';
import { transferCredits, whereLotIs } from '../core/credits/transfer.ts';
import type { Op } from '../core/credits/types.ts';
import { isDuplicateKey } from '../core/transaction.ts';
import type { Cause } from './story.ts';

/** A generation as far as its credits are concerned. */
export interface Job {
  _id: string;
  accountId: string;
  state: 'rejected' | 'queued' | 'submitted' | 'done' | 'failed' | 'cancelled';
  wasSubmitted: boolean;
}

/** A payment as far as its credits are concerned: both amounts in credits. */
export interface Payment {
  _id: string;
  amount: number;
  state: 'open' | 'paid';
  rev: number;
  reversals: { id: string; amount: number; step: number; counts: boolean }[];
}

/** A wish to put two wallets together. */
export interface Move {
  _id: string;
  state: 'asked' | 'moved';
}

export const jobsOf = (connection: Connection) => connection.collection<Job>('jobs');
export const paymentsOf = (connection: Connection) => connection.collection<Payment>('payments');
export const movesOf = (connection: Connection) => connection.collection<Move>('moves');

/** What a caller works with: the way to the ledger, and the connection for documents of its own. */
export interface Caller extends Pick<CreditChange, 'turns' | 'pause'> {
  connection: Connection;
  at: number;
  /** Whether its own writes name the state that they change. */
  isConditional: boolean;
  credits(accountId: string, op: Op, alongside?: CreditChange['alongside']): Promise<Outcome>;
}

/** Does what a cause asks for, as the product would. False: it came before what it is about, and has to come again. */
export async function act(caller: Caller, cause: Cause): Promise<boolean> {
  switch (cause.type) {
    case 'pay':
      return pay(caller, cause);
    case 'gift': {
      const { account, lot: lotId, amount, expiresAt } = cause;
      await caller.credits(account, { key: `grant:promo:${lotId}`, type: 'grant', lotId, kind: 'promo', amount, expiresAt });
      return true;
    }
    case 'adjust': {
      const { account, ticket, amount } = cause;
      const why = { actor: 'operator', reason: 'sorry' };
      await caller.credits(account, { key: `adjust:${ticket}`, type: 'adjust', lotId: ticket, amount, ...why });
      return true;
    }
    case 'ask':
      return ask(caller, cause);
    case 'submit':
      return submit(caller, cause.job);
    case 'finish': {
      const { account, job: holdId, used: amount } = cause;
      return settle(caller, account, { key: `capture:${holdId}`, type: 'capture', holdId, amount }, ['submitted', 'done']);
    }
    case 'giveUp':
      return settle(caller, cause.account, release(cause.job), ['submitted', 'failed']);
    case 'cancel':
      return settle(caller, cause.account, release(cause.job), ['queued', 'cancelled']);
    case 'extend': {
      const { account, job: holdId, until } = cause;
      await caller.credits(account, { key: `extend:${holdId}:${until}`, type: 'extend', holdId, until });
      return true;
    }
    case 'expire':
      await caller.credits(cause.account, { key: `expire:${cause.step}`, type: 'expire' });
      return true;
    case 'restrict': {
      const { account, reason, on, step } = cause;
      await caller.credits(account, { key: `restrict:${reason}:${step}`, type: 'restrict', reason, on });
      return true;
    }
    case 'reverse':
      return reverse(caller, cause);
    case 'move':
      return move(caller, cause);
  }
}

const release = (holdId: string) => ({ key: `release:${holdId}`, type: 'release', holdId, graceMs: 50 }) as const;

type Of<Type extends Cause['type']> = Extract<Cause, { type: Type }>;

async function pay({ connection, credits, isConditional }: Caller, cause: Of<'pay'>): Promise<boolean> {
  const { payment: paymentId, account, kind, amount, expiresAt } = cause;
  const op = { key: `grant:${paymentId}`, type: 'grant', lotId: paymentId, kind, amount, expiresAt, paymentId } as const;
  await credits(account, op, async (session) => {
    const filter = { _id: paymentId, ...(isConditional && { state: 'open' as const }) };
    const { matchedCount } = await paymentsOf(connection).updateOne(filter, { $set: { state: 'paid' } }, { session });
    return matchedCount === 1;
  });
  return true;
}

/** A refusal is final: the same request arriving late, after a top-up, must not charge unasked. */
async function ask({ connection, credits }: Caller, { job: _id, account: accountId, amount }: Of<'ask'>): Promise<boolean> {
  const jobs = jobsOf(connection);
  if (await jobs.findOne({ _id })) return true;
  const op = { key: `reserve:${_id}`, type: 'reserve', holdId: _id, amount, until: 1_000_000 } as const;
  const job = { _id, accountId, wasSubmitted: false };
  try {
    const outcome = await credits(accountId, op, async (session) => {
      await jobs.insertOne({ ...job, state: 'queued' }, { session });
    });
    if (outcome.kind === 'rejected') await jobs.insertOne({ ...job, state: 'rejected' });
  } catch (error) {
    // A twin of this request was answered a moment ago, and that answer stands.
    if (!isDuplicateKey(error)) throw error;
  }
  return true;
}

async function submit({ connection }: Caller, _id: string): Promise<boolean> {
  const jobs = jobsOf(connection);
  const change = { $set: { state: 'submitted', wasSubmitted: true } } as const;
  const { matchedCount } = await jobs.updateOne({ _id, state: 'queued' }, change);
  return matchedCount === 1 || (await jobs.findOne({ _id })) !== null;
}

/** Ends a hold together with its generation, which must still be in the state that this is allowed in. */
async function settle(
  { connection, credits, isConditional }: Caller,
  accountId: string,
  op: Extract<Op, { type: 'capture' | 'release' }>,
  [from, to]: readonly [Job['state'], Job['state']],
): Promise<boolean> {
  const job = await jobsOf(connection).findOne({ _id: op.holdId });
  if (!job || job.state === 'rejected') return job !== null;
  const alongside = async (session: ClientSession) => {
    const filter = { _id: op.holdId, ...(isConditional && { state: from }) };
    const { matchedCount } = await jobsOf(connection).updateOne(filter, { $set: { state: to } }, { session });
    return matchedCount === 1;
  };
  await credits(accountId, op, alongside);
  return true;
}

const MOST_LOOKS = 20;

/** Brings the credits of a payment to what all of its reversals together ask for, and looks again until that is written. */
async function reverse({ connection, credits, isConditional }: Caller, cause: Of<'reverse'>): Promise<boolean> {
  const { payment: _id, component: id, amount, step, counts } = cause;
  const payments = paymentsOf(connection);
  for (let look = 0; look < MOST_LOOKS; look++) {
    const payment = await payments.findOne({ _id });
    if (payment?.state !== 'paid') return false;
    const known = payment.reversals.find((reversal) => reversal.id === id);
    if (known && known.step >= step) return true;
    const reversals = [...payment.reversals.filter((reversal) => reversal !== known), { id, amount, step, counts }];
    const rev = payment.rev + 1;
    const alongside = async (session: ClientSession) => {
      const filter = { _id, ...(isConditional && { rev: payment.rev }) };
      const { matchedCount } = await payments.updateOne(filter, { $set: { reversals, rev } }, { session });
      return matchedCount === 1;
    };
    const accountId = (await whereLotIs(connection, cause.account, _id)) ?? cause.account;
    const target = targetOf(payment.amount, reversals);
    const op = { key: `claw:${_id}:${_id}:${rev}`, type: 'clawbackTo', lotId: _id, target, graceMs: 50 } as const;
    try {
      await credits(accountId, op, alongside);
    } catch (error) {
      // Somebody else has written this revision of the payment with another reversal.
      if (!(error instanceof OpKeyReused)) throw error;
    }
  }
  return false;
}

export function targetOf(amount: number, reversals: Payment['reversals']): number {
  return Math.min(
    amount,
    reversals.reduce((total, reversal) => total + (reversal.counts ? reversal.amount : 0), 0),
  );
}

async function move(
  { connection, at, turns, pause, isConditional }: Caller,
  { move: _id, from, to }: Of<'move'>,
): Promise<boolean> {
  const alongside = async (session: ClientSession) => {
    const filter = { _id, ...(isConditional && { state: 'asked' as const }) };
    const { matchedCount } = await movesOf(connection).updateOne(filter, { $set: { state: 'moved' } }, { session });
    return matchedCount === 1;
  };
  await transferCredits({ connection, id: _id, from, to, at, turns, pause, alongside });
  return true;
}
