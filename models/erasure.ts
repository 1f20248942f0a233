import { type Connection, Schema } from 'mongoose';
import type { Sealed } from './key.ts';

export const ERASURES = 'erasures';

export const ERASURE_SCOPES = ['video', 'media', 'prompts', 'account'] as const;
export type ErasureScope = (typeof ERASURE_SCOPES)[number];

export const ERASURE_STATES = ['offered', 'doubted', 'waiting', 'running', 'done', 'kept'] as const;
export type ErasureState = (typeof ERASURE_STATES)[number];

/** The steps of a running erasure, in their order; each may be repeated. */
export const ERASURE_STEPS = [
  'journal',
  'freeze',
  'stop',
  'processors',
  'chat',
  'key',
  'objects',
  'documents',
  'check',
  'tell',
] as const;
export type ErasureStep = (typeof ERASURE_STEPS)[number];

/**
 * Something a person wants gone, from the question to the receipt. `offered`: what would go was shown; `doubted`: the second question was
 * asked; `waiting`: it will begin at `dueAt` unless they change their mind; `kept`: they did. When it is done, it holds no id of theirs.
 */
export interface ErasureDocument {
  /** 22 random letters: the id on the receipt. */
  _id: string;
  rev: number;
  scope: ErasureScope;
  state: ErasureState;
  /** Whose: the account that asked and, for an account's end, the one that shares its wallet. Removed some minutes after it is done. */
  accountIds?: string[];
  keyIds?: string[];
  /** The one video. */
  generation?: string;
  /** The step that is next. */
  step?: ErasureStep;
  /** How far the step has come, where it takes several turns. */
  cursor?: string;
  /** Where the person is told, sealed for the deployment since their own key goes; removed with the ids. */
  place?: Sealed;
  /** Takes the place of the account's id in what must be kept. */
  pseudonym: string;
  /** How many of each class went: the receipt's counts. */
  counts: { name: string; count: number }[];
  /** What processors answered. */
  answers: { processor: string; answer: string }[];
  /** What stays, why and until when. */
  kept: { what: string; ground: string; until?: Date }[];
  /** Why: the person asked, the account was unused for long, or a backup had brought it back. */
  cause: 'asked' | 'unused' | 'restored';
  tries: number;
  createdAt: Date;
  confirmedAt?: Date;
  startedAt?: Date;
  doneAt?: Date;
  /** The signed receipt, once there is one. */
  receipt?: string;
  leaseUntil?: Date;
  dueAt?: Date;
  /** When an offer that was never taken is removed. */
  forgetAt?: Date;
}

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true, validate: Number.isSafeInteger } as const;
const inside = { _id: false } as const;

export const erasureSchema = new Schema<ErasureDocument>(
  {
    _id: text,
    rev: whole,
    scope: { ...text, enum: ERASURE_SCOPES },
    state: { ...text, enum: ERASURE_STATES },
    accountIds: { type: [String], default: undefined },
    keyIds: { type: [String], default: undefined },
    generation: String,
    step: { type: String, enum: ERASURE_STEPS },
    cursor: String,
    place: String,
    pseudonym: text,
    counts: [new Schema({ name: text, count: whole }, inside)],
    answers: [new Schema({ processor: text, answer: text }, inside)],
    kept: [new Schema({ what: text, ground: text, until: Date }, inside)],
    cause: { ...text, enum: ['asked', 'unused', 'restored'] },
    tries: whole,
    createdAt: { type: Date, required: true },
    confirmedAt: Date,
    startedAt: Date,
    doneAt: Date,
    receipt: String,
    leaseUntil: Date,
    dueAt: Date,
    forgetAt: Date,
  },
  { collection: ERASURES, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
)
  .index({ accountIds: 1, createdAt: -1 }, { sparse: true })
  .index({ dueAt: 1 }, { sparse: true })
  .index({ forgetAt: 1 }, { expireAfterSeconds: 0 });

export const erasures = (connection: Connection) => connection.model<ErasureDocument>('Erasure', erasureSchema);
