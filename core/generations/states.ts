import type { GenerationState } from '../../models/generation.ts';

/** What can happen to a generation. Everything else is refused by the compare-and-swap on its state. */
export const CHANGES = {
  confirm: { from: ['asked'], to: 'queued' },
  claim: { from: ['queued'], to: 'submitting' },
  claimAgain: { from: ['submitting', 'submitted'], to: 'submitting' },
  submitted: { from: ['submitting'], to: 'submitted' },
  finish: { from: ['submitted'], to: 'done' },
  fail: { from: ['queued', 'submitting', 'submitted'], to: 'failed' },
  deliver: { from: ['done', 'delivering'], to: 'delivering' },
  delivered: { from: ['delivering'], to: 'delivered' },
  undeliverable: { from: ['delivering'], to: 'undelivered' },
  told: { from: ['failed'], to: 'told' },
} as const satisfies Record<string, { from: readonly GenerationState[]; to: GenerationState }>;

export type Change = keyof typeof CHANGES;

/** States that hold credits, unless it is free. */
export const OPEN_STATES = ['queued', 'submitting', 'submitted'] as const satisfies readonly GenerationState[];
/** States in which the next step is one towards a video, or away from it. */
export const UNMADE_STATES = ['asked', ...OPEN_STATES] as const satisfies readonly GenerationState[];
/** States in which the provider works on it, or may. */
export const RUNNING_STATES = ['submitting', 'submitted'] as const satisfies readonly GenerationState[];
/** States with a video that can be watched. */
export const WATCHABLE_STATES = ['done', 'delivering', 'delivered', 'undelivered'] as const satisfies readonly GenerationState[];

export const isOneOf = (state: GenerationState, states: readonly GenerationState[]): boolean => states.includes(state);
