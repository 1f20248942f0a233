import { type Chance, chanceOf } from '../chance.ts';

/** One thing that happens to the consents of a person. */
export type StepType =
  | 'grant news'
  | 'withdraw news'
  | 'grant gallery'
  | 'withdraw gallery'
  | 'send'
  | 'hold a proof'
  | 'send with the held proof'
  | 'publish'
  | 'work'
  | 'look'
  | 'leave'
  | 'stay';

export interface Step {
  type: StepType;
  /** The process that does it may die at any call to a store. */
  dies: boolean;
  /** If it dies: the request comes again. */
  repeats: boolean;
  /** Milliseconds that pass before it. */
  afterMs: number;
  seed: number;
}

/** What happens in one trace: the steps of a group happen at the same time. */
export type Story = readonly (readonly Step[])[];

/** What a trace is about, and how often each thing happens in it. */
const WEIGHTS: readonly (readonly (readonly [type: StepType, weight: number])[])[] = [
  [
    ['grant news', 5],
    ['withdraw news', 4],
    ['send', 5],
    ['hold a proof', 3],
    ['send with the held proof', 4],
    ['leave', 1],
    ['stay', 1],
  ],
  [
    ['grant gallery', 4],
    ['withdraw gallery', 3],
    ['publish', 4],
    ['work', 4],
    ['look', 5],
    ['leave', 1],
    ['stay', 1],
  ],
];

const TYPES = WEIGHTS.map((kind) => kind.flatMap(([type, weight]) => Array.from({ length: weight }, () => type)));
/** How most traces of each kind begin, so that there is something to withdraw. */
const BEGINNINGS: readonly (readonly StepType[])[] = [['grant news'], ['grant gallery', 'publish', 'work']];

/** The trace of a seed: `groups` moments, at each of which one thing happens or two at once. */
export function storyOf(seed: number, groups: number): Story {
  const chance = chanceOf(seed);
  const kind = seed % TYPES.length;
  const begins = chance.often(0.7) ? (BEGINNINGS[kind] ?? []) : [];
  const types = TYPES[kind] ?? [];
  const pick = () => stepOf(types[chance.below(types.length)] ?? 'send', chance);
  const rest = Array.from({ length: groups }, () => Array.from({ length: chance.often(0.3) ? 2 : 1 }, pick));
  return [...begins.map((type) => [stepOf(type, chance)]), ...rest];
}

const stepOf = (type: StepType, chance: Chance): Step => ({
  type,
  dies: chance.often(0.2),
  repeats: chance.often(0.5),
  // Past the five seconds that a proof lives, now and then.
  afterMs: chance.often(0.15) ? 6_000 : chance.below(500),
  seed: chance.below(2 ** 31),
});
