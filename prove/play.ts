import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import { applyCredits, type Outcome } from '../core/credits/account.ts';
import { fingerprint } from '../core/credits/ledger.ts';
import { newTurns, type Turns } from '../core/credits/turns.ts';
import type { Op } from '../core/credits/types.ts';
import { CREDIT_ACCOUNTS } from '../models/credit-account.ts';
import { act, type Caller, movesOf, paymentsOf } from './callers.ts';
import { chanceOf } from './chance.ts';
import { Crash, type Tally, withFaults } from './faults.ts';
import type { Mutant } from './mutants.ts';
import { type Delivery, type Story, storyOf } from './story.ts';
import { judge } from './verdict.ts';

export interface Figures {
  operations: number;
  outcomes: Record<Outcome['kind'], number>;
  faults: Tally;
}

export const noFigures = (): Figures => ({
  operations: 0,
  outcomes: { applied: 0, replayed: 0, rejected: 0, unchanged: 0, taken_back: 0 },
  faults: new Map(),
});

/** What came back from the ledger, to be held against what is stored in the end. */
export interface Answer {
  accountId: string;
  op: Op;
  outcome: Outcome;
  /** Moments of this history: when the account was read that the answer rests on, and when the answer came. */
  readAt: number;
  answeredAt: number;
}

export interface Played {
  connection: Connection;
  story: Story;
  /** Every operation that somebody began, by account, key and fingerprint. */
  asked: Map<string, Op>;
  answers: Answer[];
  mutant: Mutant;
}

const PROCESSES = 3;
/** How many deliveries each process works on at a time. */
const AT_ONCE = 2;
const FAULT_SHARE = 0.08;
const MOST_DELIVERIES = 6;
const LONGEST_PAUSE_MS = 6;
/** Far more than a handful of callers ever need. */
const MOST_ATTEMPTS = 30;

/** Plays the history of one seed: several processes, faults at every store call, then all that is left over without faults. Throws what the checkers find. */
export async function play(
  connection: Connection,
  mutant: Mutant,
  seed: number,
  length: number,
  figures: Figures,
): Promise<void> {
  const story = storyOf(seed, length);
  const played: Played = { connection, story, asked: new Map(), answers: [], mutant };
  await paymentsOf(connection).insertMany(
    story.payments.map(({ id, amount }) => ({ _id: id, amount, state: 'open', rev: 0, reversals: [] })),
  );
  if (story.moves.length > 0) await movesOf(connection).insertMany(story.moves.map((_id) => ({ _id, state: 'asked' })));
  const { deliveries } = story;
  const times = new Map<Delivery, number>();
  const left: Delivery[] = [];
  const failures: unknown[] = [];
  let moment = 0;
  const tick = () => ++moment;

  const deliver = async (delivery: Delivery, turns: Turns, share: number) => {
    const time = (times.get(delivery) ?? 0) + 1;
    times.set(delivery, time);
    const caller = callerOf(played, { delivery, time, turns, share, tick, figures });
    try {
      if (!(await act(caller, delivery.cause))) left.push(delivery);
    } catch (error) {
      if (!(error instanceof Crash)) failures.push(error);
      else if (time < MOST_DELIVERIES) deliveries.push(delivery);
      else left.push(delivery);
    }
  };

  const lane = async (turns: Turns) => {
    for (let next = deliveries.shift(); next && failures.length === 0; next = deliveries.shift())
      await deliver(next, turns, FAULT_SHARE);
  };
  const processes = Array.from({ length: PROCESSES }, newTurns);
  await Promise.all(Array.from({ length: AT_ONCE }, () => processes.map(lane)).flat());
  for (const delivery of left.splice(0)) if (failures.length === 0) await deliver(delivery, newTurns(), 0);
  await judge(played);
  if (failures.length > 0) throw failures[0];
}

interface Delivering {
  delivery: Delivery;
  time: number;
  turns: Turns;
  share: number;
  tick(): number;
  figures: Figures;
}

function callerOf(
  { connection, asked, answers, mutant }: Played,
  { delivery, time, turns, share, tick, figures }: Delivering,
): Caller {
  let readAt = 0;
  const heard = (call: string) => {
    if (call === `${CREDIT_ACCOUNTS} findOne`) readAt = tick();
  };
  const faulty = withFaults(connection, { chance: chanceOf(delivery.seed * 10 + time), share, tally: figures.faults, heard });
  const { at } = delivery;
  const pause = async (attempt: number) => {
    if (attempt > MOST_ATTEMPTS) throw new Error(`somebody is stuck with ${delivery.cause.type}`);
    await wait(Math.random() * LONGEST_PAUSE_MS);
  };
  return {
    ...{ connection: mutant.wrap(faulty), at, turns, pause, isConditional: mutant.isConditional },
    async credits(accountId, op, alongside) {
      figures.operations += 1;
      asked.set(`${accountId} ${op.key} ${fingerprint(op)}`, op);
      const wrapped = mutant.wrap(faulty, { accountId, key: op.key });
      const outcome = await applyCredits({ connection: wrapped, accountId, op, at, turns, pause, alongside });
      figures.outcomes[outcome.kind] += 1;
      answers.push({ accountId, op, outcome, readAt, answeredAt: tick() });
      return outcome;
    },
  };
}
