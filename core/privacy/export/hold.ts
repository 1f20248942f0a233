import type { App } from '../../app.ts';
import { describe } from '../../log.ts';
import { type Archive, changeArchive } from './archive.ts';

/** Renewed every third of it: after a crash another process goes on when it has run out. */
const LEASE_MS = 20_000;
/** A stream in which nothing moved for so long is taken for dead, and its lease is let go. */
const STALL_MS = 5 * 60_000;

export const lease = (app: App) => {
  const leaseUntil = new Date(app.now() + LEASE_MS);
  return { leaseUntil, dueAt: leaseUntil };
};

export interface Held {
  /** Aborted when the archive is somebody else's by now, was removed, or does not move on. */
  signal: AbortSignal;
  /** Something has moved. */
  touch(): void;
  /** Writes something down, after what was written before. */
  note(set: Partial<Archive>): Promise<void>;
  /** The newest version of the document; nothing is written any more. */
  release(): Promise<Archive>;
}

/** Keeps the lease of an archive while one process works on it. */
export function hold(app: App, leased: Archive): Held {
  const gone = new AbortController();
  let newest = leased;
  let touchedAt = app.now();
  let writing = Promise.resolve();

  const note = (set: Partial<Archive>): Promise<void> => {
    writing = writing
      .then(async () => {
        if (gone.signal.aborted) return;
        const noted = await changeArchive(app, newest, [leased.state], { set });
        if (noted) newest = noted;
        else gone.abort(new LeaseLost());
      })
      .catch((error: unknown) => app.log.warn('lease was not renewed', { reference: leased._id, ...describe(error) }));
    return writing;
  };
  const timer = setInterval(() => {
    if (app.now() - touchedAt < STALL_MS) void note(lease(app));
    else gone.abort(new LeaseLost());
  }, LEASE_MS / 3);

  return {
    signal: gone.signal,
    touch() {
      touchedAt = app.now();
    },
    note,
    async release() {
      clearInterval(timer);
      await writing;
      return newest;
    },
  };
}

/** The archive is somebody else's affair by now. */
class LeaseLost extends Error {
  constructor() {
    super('somebody else looks after this archive');
    this.name = 'LeaseLost';
  }
}
