import type { App } from '../core/app.ts';
import type { Place, Sends } from '../core/chat.ts';
import { Undeliverable } from '../core/errors.ts';
import { KeyDestroyed } from '../core/keys.ts';
import { describe } from '../core/log.ts';
import { expireArchive, finishArchive } from '../core/privacy/archives.ts';
import { type Archive, changeArchive, keysOfArchive, objectKey, openPlace, readArchive } from '../core/privacy/export/archive.ts';
import { attempt, MOST_ATTEMPTS } from '../core/privacy/export/attempt.ts';
import { wayOf } from '../core/privacy/export/hand-over.ts';
import { type Held, hold, lease } from '../core/privacy/export/hold.ts';
import type { Progress } from '../core/privacy/export/pack.ts';
import type { Again } from '../core/queue.ts';
import { failedReply, progressReply, readyReply } from '../core/texts/archives.ts';

const PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 120_000;
const MOST_TELLINGS = 10;
/** At most one edit of a message in this time: platforms count them. */
const NEWS_EVERY_MS = 3_000;

/** One step of an archive: packed, then told, in the end removed. May run twice, late, beside itself or never. */
export async function run(app: App, sends: Sends, id: string): Promise<Again | undefined> {
  const archive = await readArchive(app, id);
  if (!archive) return undefined;
  const leftMs = (archive.leaseUntil?.getTime() ?? 0) - app.now();
  if (leftMs > 0) return { afterMs: leftMs };
  try {
    if (archive.state === 'gone' || archive.expiresAt.getTime() <= app.now()) return await expire(app, archive);
    if (archive.state === 'queued' || archive.state === 'packing') return await pack(app, sends, archive);
    if (archive.state === 'packed') return await tell(app, sends, archive);
    if (archive.state === 'failed') return await tellFailure(app, sends, archive);
    return undefined;
  } catch (error) {
    if (!(error instanceof KeyDestroyed)) throw error;
    // Its account is being deleted: nobody is left to be told, and nothing may stay.
    app.log.info('archive ended with its account', { reference: id });
    await finishArchive(app, (await readArchive(app, id)) ?? archive);
    return undefined;
  }
}

async function expire(app: App, archive: Archive): Promise<undefined> {
  await expireArchive(app, archive);
  app.log.info('archive removed', { reference: archive._id });
}

async function pack(app: App, sends: Sends, archive: Archive): Promise<Again | undefined> {
  if (archive.tries >= MOST_ATTEMPTS) return giveUp(app, sends, archive);
  const news = createNews(app, sends, archive);
  const attempted = await attempt(app, archive, news.tell);
  await news.end();
  if (!attempted) return undefined;
  if ('failed' in attempted) {
    const { failed, error } = attempted;
    if (error instanceof KeyDestroyed) throw error;
    // The number of the attempt was written when it began: one that dies counts too.
    return tryAgain(app, failed, failed.tries, error);
  }
  const { _id: reference, size: bytes = 0, files, createdAt } = attempted.packed;
  const milliseconds = app.now() - createdAt.getTime();
  app.log.info('archive packed', { reference, bytes, count: files?.all ?? 0, milliseconds });
  return tell(app, sends, attempted.packed);
}

async function tryAgain(app: App, archive: Archive, tries: number, error: unknown): Promise<Again | undefined> {
  const { _id: reference, state } = archive;
  const afterMs = Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** (tries - 1));
  app.log.warn('a step of an archive failed and will be repeated', { reference, state, attempt: tries, ...describe(error) });
  const set = { tries, dueAt: new Date(app.now() + 2 * afterMs) };
  const noted = await changeArchive(app, archive, [state], { set, unset: ['leaseUntil'] });
  return noted && { afterMs };
}

async function giveUp(app: App, sends: Sends, archive: Archive): Promise<Again | undefined> {
  app.log.error('an archive could not be packed', { reference: archive._id.slice(0, 8), attempt: archive.tries });
  const set = { state: 'failed', tries: 0, dueAt: new Date(app.now() + LONGEST_PAUSE_MS) } as const;
  const failed = await changeArchive(app, archive, ['queued', 'packing'], { set, unset: ['leaseUntil'] });
  return failed && tellFailure(app, sends, failed);
}

/** Told when it is due no earlier than its end. */
async function tellFailure(app: App, sends: Sends, archive: Archive): Promise<Again | undefined> {
  const { expiresAt, dueAt } = archive;
  if (!dueAt || dueAt.getTime() >= expiresAt.getTime()) return undefined;
  return say(app, sends, archive, 'failed', async () => failedReply(archive));
}

/** Brings the archive, or the way to it, into the chat. At least once: a crash inside the send may repeat it. */
const tell = (app: App, sends: Sends, archive: Archive): Promise<Again | undefined> =>
  say(app, sends, archive, 'ready', async (place) => readyReply(archive, await wayOf(app, archive, place)));

type Replying = (place: Place) => Promise<ReturnType<typeof readyReply>>;

async function say(
  app: App,
  sends: Sends,
  archive: Archive,
  to: 'ready' | 'failed',
  reply: Replying,
): Promise<Again | undefined> {
  const { _id: id, state } = archive;
  const place = openPlace(await keysOfArchive(app, archive), id, archive.place);
  const send = sends[place.platform];
  if (!send) return { afterMs: LONGEST_PAUSE_MS };
  const leased = await changeArchive(app, archive, [state], { set: lease(app) });
  if (!leased) return undefined;
  const held = hold(app, leased);
  try {
    const announced = await app.queue.recall(id);
    await send(place, { ...(await reply(place)), private: true }, { key: keyOf(archive), kind: 'result', announced });
  } catch (error) {
    const tries = archive.tries + 1;
    if (!(error instanceof Undeliverable) && tries < MOST_TELLINGS) {
      return tryAgain(app, await held.release(), tries, error);
    }
    app.log.warn('an archive was not told', { reference: id, platform: place.platform, ...describe(error) });
  }
  const { leftovers, expiresAt, ...newest } = await held.release();
  await app.storage.remove(leftovers.map(objectKey));
  // From now on it is only removed, when its time is over.
  const set = { state: to, leftovers: [], dueAt: expiresAt };
  await changeArchive(app, newest, [state], { set, unset: ['leaseUntil'] });
  return undefined;
}

/** The same for each repeat of one telling, another one when the person asks for it once more. At most 25 characters. */
const keyOf = ({ _id, place }: Archive): string => `${_id.slice(0, 12)}${place.slice(-12)}`;

/** Lets the person see how far the packing is. News may get lost; it never holds the packing up. */
function createNews(app: App, sends: Sends, archive: Archive) {
  let toldAt = app.now();
  let telling: Promise<void> | undefined;
  const send = async (held: Held, progress: Progress) => {
    try {
      await held.note({ files: progress, newsAt: new Date(toldAt) });
      const place = openPlace(await keysOfArchive(app, archive), archive._id, archive.place);
      const announced = await app.queue.recall(archive._id);
      const reply = { ...progressReply(archive, progress), private: true };
      await sends[place.platform]?.(place, reply, { key: keyOf(archive), kind: 'news', announced });
    } catch (error) {
      app.log.warn('news was not sent', { reference: archive._id, ...describe(error) });
    }
  };
  return {
    tell(held: Held, progress: Progress): void {
      if (telling || app.now() - toldAt < NEWS_EVERY_MS) return;
      toldAt = app.now();
      telling = send(held, progress).finally(() => {
        telling = undefined;
      });
    },
    /** Resolves when the last news is out, so that nothing overtakes the result. */
    end: async (): Promise<void> => telling,
  };
}
