import type { LotKind } from '../core/credits/types.ts';
import { type Chance, chanceOf } from './chance.ts';

/** Something that happens to one of two people, as it reaches us: perhaps late, perhaps twice. */
export type Cause =
  | { type: 'pay'; payment: string; account: string; kind: LotKind; amount: number; expiresAt: number | null }
  | { type: 'gift'; lot: string; account: string; amount: number; expiresAt: number }
  | { type: 'adjust'; ticket: string; account: string; amount: number }
  | { type: 'ask'; job: string; account: string; amount: number }
  | { type: 'submit' | 'giveUp' | 'cancel'; job: string; account: string }
  | { type: 'finish'; job: string; account: string; used: number }
  | { type: 'extend'; job: string; account: string; until: number }
  /** A refund or dispute of a payment as it stands in its `step`; it counts or no longer does. */
  | { type: 'reverse'; payment: string; account: string; component: string; amount: number; step: number; counts: boolean }
  | { type: 'restrict'; account: string; reason: string; on: boolean; step: number }
  | { type: 'expire'; account: string; step: number }
  | { type: 'move'; move: string; from: string; to: string };

export interface Delivery {
  cause: Cause;
  /** Milliseconds on the history's own clock. */
  at: number;
  seed: number;
}

export interface Story {
  accounts: readonly [string, string];
  payments: readonly { id: string; amount: number }[];
  moves: readonly string[];
  deliveries: Delivery[];
}

const START = 1_000;
const TICK_MS = 10;
/** The further a cause may slip from its place, the more of them come in the wrong order. */
const SLIP = 5;
const DUPLICATES = 0.4;

/** `length` causes for two people who share a wallet now and then, re-ordered and partly delivered twice. */
export function storyOf(seed: number, length: number): Story {
  const chance = chanceOf(seed);
  const accounts = [`${seed}-a`, `${seed}-b`] as const;
  const causes: Cause[] = [];
  for (let step = 0; causes.length < length; step++) causes.push(...happening(chance, accounts, step, causes, length));
  const placed = causes.flatMap((cause, i) => {
    const once = { cause, place: i + chance.below(SLIP) };
    // Half of the repeats come at the same moment, to another process.
    const again = { cause, place: chance.often(0.5) ? once.place : i + chance.below(2 * SLIP) };
    return chance.often(DUPLICATES) ? [once, again] : [once];
  });
  placed.sort((a, b) => a.place - b.place);
  return {
    accounts,
    payments: causes.flatMap((cause) => (cause.type === 'pay' ? [{ id: cause.payment, amount: cause.amount }] : [])),
    moves: causes.flatMap((cause) => (cause.type === 'move' ? [cause.move] : [])),
    deliveries: placed.map(({ cause }, i) => ({ cause, at: START + i * TICK_MS, seed: seed * 1_000 + i })),
  };
}

/** One thing after the other in the order of their causes: asked, submitted, finished. */
function happening(chance: Chance, accounts: Story['accounts'], step: number, past: readonly Cause[], length: number): Cause[] {
  const account = chance.often(0.75) ? accounts[0] : accounts[1];
  const name = `${accounts[0]}:${step}`;
  const soon = START + chance.below(length * 2) * TICK_MS;
  const few = 1 + chance.below(20);
  if (step < 2) return [payment(chance, accounts[step] ?? account, name, soon)];
  const what = chance.below(100);
  if (what < 12) return [payment(chance, account, name, soon)];
  if (what < 18) return [{ type: 'gift', lot: name, account, amount: few, expiresAt: soon }];
  if (what < 22) return [{ type: 'adjust', ticket: name, account, amount: few }];
  if (what < 68) return generation(chance, account, name);
  if (what < 74) return [{ type: 'expire', account, step }];
  if (what < 80) return [{ type: 'restrict', account, reason: chance.pick(['d1', 'd2']), on: chance.often(0.3), step }];
  if (what < 86) return [{ type: 'move', move: name, from: account, to: account === accounts[0] ? accounts[1] : accounts[0] }];
  const paid = past.flatMap((cause) => (cause.type === 'pay' ? [cause] : []));
  const [first, ...others] = paid;
  return first ? reversal(chance, chance.pick([first, ...others]), step) : [];
}

function payment(chance: Chance, account: string, id: string, soon: number): Cause {
  const isPlan = chance.often(0.4);
  // Now and then it buys next to nothing.
  const amount = 1 + chance.below(chance.often(0.2) ? 5 : 60);
  return { type: 'pay', payment: id, account, kind: isPlan ? 'allowance' : 'purchased', amount, expiresAt: isPlan ? soon : null };
}

function generation(chance: Chance, account: string, job: string): Cause[] {
  const amount = 1 + chance.below(12);
  const causes: Cause[] = [{ type: 'ask', job, account, amount }];
  if (chance.often(0.15)) causes.push({ type: 'extend', job, account, until: 10_000_000 + chance.below(9) });
  const cancel = { type: 'cancel', job, account } as const;
  const hasSecondThoughts = chance.often(0.4);
  // In time or too late.
  const isLate = chance.often(0.5);
  if (hasSecondThoughts && !isLate) causes.push(cancel);
  if (chance.often(0.85)) causes.push({ type: 'submit', job, account });
  if (hasSecondThoughts && isLate) causes.push(cancel);
  if (chance.often(0.7))
    causes.push({ type: 'finish', job, account, used: chance.often(0.2) ? chance.below(amount + 1) : amount });
  if (chance.often(0.4)) causes.push({ type: 'giveUp', job, account });
  return causes;
}

/** Refunds only happen; disputes may be won, and then no longer count. */
function reversal(chance: Chance, paid: Extract<Cause, { type: 'pay' }>, step: number): Cause[] {
  const { payment, account } = paid;
  const amount = 1 + chance.below(paid.amount);
  const opened = { type: 'reverse', payment, account, component: `r${step}`, amount, step: 1, counts: true } as const;
  return chance.often(0.5) ? [opened, { ...opened, step: 2, counts: false }] : [opened];
}
