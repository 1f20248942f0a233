/** The one port behind which every video model stands. Source of its rules: the providers' own documents, as read for docs/architecture.md. */

export type Style = 'cinematic' | 'neon' | 'noir' | 'retro' | 'natural';
export type AspectRatio = '16:9' | '9:16' | '1:1' | '4:5';

export interface VideoRequest {
  /** The generation's id: providers that can be asked for a lost job are asked by it. */
  reference: string;
  prompt: string;
  style: Style;
  aspectRatio: AspectRatio;
  seconds: number;
  seed: number;
  /** An upright, re-encoded JPEG of ours; its presence makes it image to video. */
  image?: Buffer | undefined;
}

/** JSON without secrets, stored right after submit. */
export interface JobRef {
  id: string;
}

export type FailureReason = 'content_policy' | 'invalid_input' | 'provider_error' | 'expired' | 'cancelled';

export type Poll =
  | { state: 'queued'; position?: number }
  | { state: 'running'; progress?: number }
  | { state: 'succeeded' }
  | { state: 'failed'; reason: FailureReason }
  /** The provider does not know the job (any more). */
  | { state: 'unknown' };

/** The provider said no before a job existed. */
export class SubmitRejected extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason) {
    super(reason);
    this.name = 'SubmitRejected';
    this.reason = reason;
  }
}

/** The answer to the one POST was lost: a job may or may not exist. */
export class SubmitUnknown extends Error {
  override readonly name = 'SubmitUnknown';
}

/** The provider did not answer or was busy: says nothing about the job, ask again. */
export class Transient extends Error {
  override readonly name = 'Transient';
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number, options?: ErrorOptions) {
    super('transient', options);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface VideoProvider {
  name: string;
  /** What a person reads under the video: where it comes from. */
  label: string;
  /** Submitting the same request again costs nothing and gives the same video, so a lost submit is simply repeated. */
  repeatable: boolean;
  /** How many jobs may be with the provider at once. */
  slots: number;
  /** Milliseconds until the next poll is worth it. */
  pollEveryMs: number;
  /** Seconds that one video usually takes to make. */
  estimate(request: { seconds: number }): number;
  /** Exactly one paid call. Throws SubmitRejected (no job exists) or SubmitUnknown (one may). */
  submit(request: VideoRequest): Promise<JobRef>;
  /** Throws Transient for an outage; never turns one into a failure of the job. */
  poll(job: JobRef): Promise<Poll>;
  /** Best effort; a job that has ended or is unknown is no error. */
  cancel(job: JobRef): Promise<void>;
  /** The finished MP4. */
  download(job: JobRef): Promise<Buffer>;
  /** Asks for the job of a lost submit, where the provider can be asked. */
  find?(reference: string): Promise<JobRef | undefined>;
  /** The result has been stored by us; the provider's copy may go. */
  forget(job: JobRef): Promise<void>;
  close(): Promise<void>;
}
