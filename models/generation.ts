import { type Connection, Schema } from 'mongoose';
import type { Sealed } from './key.ts';

export const GENERATIONS = 'generations';

export const GENERATION_STATES = [
  'asked',
  'queued',
  'submitting',
  'submitted',
  'done',
  'delivering',
  'delivered',
  'undelivered',
  'failed',
  'told',
  'rejected',
] as const;
export type GenerationState = (typeof GENERATION_STATES)[number];

/** A request for a video, from its acceptance to the chat. `prompt`, `place` and `uploadedAs` are sealed under the account's key. */
export interface GenerationDocument {
  /** Id of the request that made it, so that the same request again is the same generation. */
  _id: string;
  accountId: string;
  /** The credit account that pays for it, whatever the account joins or leaves meanwhile. Absent in older ones: the account's own. */
  wallet?: string;
  keyId: string;
  /** Goes up with every change; every change names the one it was decided on. */
  rev: number;
  state: GenerationState;
  prompt: Sealed;
  place: Sealed;
  hasImage: boolean;
  style: string;
  aspectRatio: string;
  seconds: number;
  seed: number;
  /** Credits. */
  price: number;
  /** The provider's id of the job, stored right after the submit. */
  jobId?: string;
  /** Why it was rejected or failed: a code, never words. */
  fault?: string;
  video?: { seconds: number; width: number; height: number; size: number };
  /** The chat platform's own handle of the uploaded video, sealed. */
  uploadedAs?: Sealed;
  /** The message in which the video stands in the chat, sealed: what a deletion takes back. */
  message?: Sealed;
  /** What was removed on the person's wish, or because its time was over. */
  removed?: { video?: Date; image?: Date; prompt?: Date };
  /** How often the delivery was tried. */
  tries: number;
  createdAt: Date;
  /** Until then the process that claimed the step owns it. */
  leaseUntil?: Date;
  /** When the person last read news of it. */
  newsAt?: Date;
  /** When tidy looks after it, in states that are not final. */
  dueAt?: Date;
  /** From then on an unfinished one is late, and late is free. */
  promisedAt?: Date;
  /** It was late: its credits are back, and its video costs nothing. */
  free?: boolean;
  /** When an unfinished one is given up and its credits are released. */
  deadlineAt: Date;
}

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true, validate: Number.isSafeInteger } as const;
const size = { type: Number, required: true } as const;
const date = { type: Date, required: true } as const;

export const generationSchema = new Schema<GenerationDocument>(
  {
    _id: text,
    accountId: text,
    wallet: String,
    keyId: text,
    rev: whole,
    state: { ...text, enum: GENERATION_STATES },
    prompt: text,
    place: text,
    hasImage: { type: Boolean, required: true },
    style: text,
    aspectRatio: text,
    seconds: whole,
    seed: whole,
    price: whole,
    jobId: String,
    fault: String,
    video: new Schema({ seconds: size, width: size, height: size, size }, { _id: false }),
    uploadedAs: String,
    message: String,
    removed: new Schema({ video: Date, image: Date, prompt: Date }, { _id: false }),
    tries: whole,
    createdAt: date,
    leaseUntil: Date,
    newsAt: Date,
    dueAt: Date,
    promisedAt: Date,
    free: Boolean,
    deadlineAt: date,
  },
  { collection: GENERATIONS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
)
  .index({ accountId: 1, createdAt: -1 })
  .index({ state: 1, createdAt: 1 })
  .index({ dueAt: 1 }, { sparse: true });

export const generations = (connection: Connection) => connection.model<GenerationDocument>('Generation', generationSchema);
