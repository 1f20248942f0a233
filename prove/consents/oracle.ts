/** A trace ended in something that must not be. */
export class Violation extends Error {}

/** Something that somebody asked for, between two moments of its trace. */
export interface Span {
  from: number;
  to: number;
}

/** A wish to switch something on or off. Without an answer its process died: it may have happened, or not. */
export interface Wish extends Span {
  on: boolean;
  answered: boolean;
}

/** What was asked of one switch and answered, known from outside alone: the ledger is never read for it. */
export type Switch = Wish[];

/** Whether it can have been on at some moment of `span`, whichever of two wishes at the same time came first. */
export const canBeOn = (wishes: Switch, span: Span): boolean =>
  wishes.some(
    (on) =>
      on.on && on.from < span.to && !wishes.some((off) => !off.on && off.answered && off.from > on.to && off.to < span.from),
  );

/** Whether it was on during all of `span`. */
export const wasOn = (wishes: Switch, span: Span): boolean =>
  wishes.some(
    (on) => on.on && on.answered && on.to < span.from && !wishes.some((off) => !off.on && off.to > on.from && off.from < span.to),
  );
