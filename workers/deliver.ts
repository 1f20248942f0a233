import type { App } from '../core/app.ts';
import type { Place, Reply, Send, SendOptions, Sends, Sent } from '../core/chat.ts';
import { Undeliverable } from '../core/errors.ts';
import { change, note } from '../core/generations/change.ts';
import type { Generation } from '../core/generations/generation.ts';
import { keysOf, readGeneration, videoOf } from '../core/generations/read.ts';
import {
  message as messageField,
  place as placeField,
  prompt as promptField,
  uploadedAs as uploadedAsField,
} from '../core/generations/sealed.ts';
import type { AccountKeys } from '../core/keys.ts';
import { describe } from '../core/log.ts';
import { fitToLimit } from '../core/media/fit.ts';
import { withNoticeFor } from '../core/privacy/notices.ts';
import type { Again } from '../core/queue.ts';
import { releaseOf, standingOf } from '../core/receipts.ts';
import { deliveredReply, failedReply } from '../core/texts/generations.ts';
import { walletOf } from '../core/wallet/wallet.ts';

/** Held while sending and renewed every third of it: after a crash another process goes on when it has run out. */
const LEASE_MS = 20_000;
const MOST_TRIES = 10;
const MOST_NEWS_TRIES = 3;
const PAUSE_MS = 2_000;
/** Bytes that Telegram takes from a bot, and Discord from anybody. */
const TELEGRAM_LIMIT = 50_000_000;
const DISCORD_LIMIT = 10 * 1024 * 1024;
const LONGEST_PAUSE_MS = 120_000;

/** Brings the video, or the news that there is none, into the chat. At least once: a crash inside the send may repeat it. */
export async function run(app: App, sends: Sends, id: string): Promise<Again | undefined> {
  const generation = await readGeneration(app, id);
  if (generation?.state === 'failed') return tell(app, sends, generation);
  if (generation?.state !== 'done' && generation?.state !== 'delivering') return undefined;
  const leftMs = (generation.leaseUntil?.getTime() ?? 0) - app.now();
  if (leftMs > 0) return { afterMs: leftMs };
  const leased = await change(app, generation, 'deliver', { set: lease(app) });
  return leased && deliver(app, sends, leased);
}

const lease = (app: App) => {
  const leaseUntil = new Date(app.now() + LEASE_MS);
  return { leaseUntil, dueAt: leaseUntil };
};

async function deliver(app: App, sends: Sends, leased: Generation): Promise<Again | undefined> {
  const keys = await keysOf(app, leased);
  const { place, send, options } = await addressOf(app, sends, leased, keys, 'result');
  if (!send) return { afterMs: LONGEST_PAUSE_MS };
  const held = keepLease(app, leased);
  try {
    const sent = await send(place, await deliveryOf(app, leased, keys, place), options);
    await closeDelivery(app, await held.release(), keys, 'delivered', sent);
    return undefined;
  } catch (error) {
    const generation = await held.release();
    if (error instanceof Undeliverable || generation.tries + 1 >= MOST_TRIES) {
      app.log.warn('video stays in the history', { generation: leased._id, platform: place.platform, ...describe(error) });
      await closeDelivery(app, generation, keys, 'undeliverable', {});
      return undefined;
    }
    return tryAgain(app, generation, error);
  }
}

async function tryAgain(app: App, generation: Generation, error: unknown): Promise<Again> {
  const afterMs = Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** generation.tries);
  app.log.warn('delivery failed and will be repeated', {
    generation: generation._id,
    attempt: generation.tries + 1,
    ...describe(error),
  });
  await note(app, generation, {
    set: { tries: generation.tries + 1, leaseUntil: new Date(app.now()), dueAt: new Date(app.now() + 2 * afterMs) },
  });
  return { afterMs };
}

async function closeDelivery(
  app: App,
  generation: Generation,
  keys: AccountKeys,
  name: 'delivered' | 'undeliverable',
  sent: Sent,
): Promise<void> {
  const set = {
    ...(sent.uploadedAs && { uploadedAs: uploadedAsField.seal(keys, generation._id, sent.uploadedAs) }),
    ...(sent.message && { message: messageField.seal(keys, generation._id, sent.message) }),
  };
  const closed = await change(app, generation, name, { set, unset: ['leaseUntil', 'dueAt'] });
  if (closed) {
    app.log.info('delivery ended', {
      generation: closed._id,
      state: closed.state,
      milliseconds: app.now() - generation.createdAt.getTime(),
    });
  }
}

async function deliveryOf(app: App, generation: Generation, keys: AccountKeys, place: Place): Promise<Reply> {
  const video = videoOf(app, keys, generation);
  if (!video) throw new Error('a finished generation has no video');
  const limit = fileLimitOf(place, generation.tries);
  const read = async () => {
    const files = await video.read();
    return { ...files, video: await fitToLimit(app.config.ffmpeg, files.video, limit) };
  };
  const prompt = promptField.open(keys, generation._id, generation.prompt);
  const available = await availableOf(app, generation);
  const reply = deliveredReply({ generation, prompt, available, label: app.provider.label, video: { ...video, read } });
  return withNoticeFor(app, generation.accountId, reply, app.now());
}

/** A channel may take less than the interaction promised, which counts the person's own extras: from the second try on, what always fits. */
function fileLimitOf(place: Place, tries: number): number {
  if (place.platform === 'telegram') return TELEGRAM_LIMIT;
  return tries === 0 ? place.fileLimit : Math.min(place.fileLimit, DISCORD_LIMIT);
}

/** Tells that there will be no video. The person who cancelled knows already: there only the old message is mended. */
async function tell(app: App, sends: Sends, generation: Generation): Promise<Again | undefined> {
  const keys = await keysOf(app, generation);
  const kind = generation.fault === 'cancelled' ? 'news' : 'result';
  const { place, send, options } = await addressOf(app, sends, generation, keys, kind);
  if (!send) return { afterMs: LONGEST_PAUSE_MS };
  try {
    const entry = (await releaseOf(app, generation))?._id;
    const sent = await send(place, failedReply({ generation, available: await availableOf(app, generation), entry }), options);
    // Over a chat's limit news says nothing; the old message with its Cancel button must not stay for that.
    if (kind === 'news' && !sent.message) throw new Error('the old message was not mended');
  } catch (error) {
    const most = kind === 'news' ? MOST_NEWS_TRIES : MOST_TRIES;
    if (!(error instanceof Undeliverable) && generation.tries + 1 < most) return tryAgain(app, generation, error);
    app.log.warn('the end was not told', { generation: generation._id, platform: place.platform, ...describe(error) });
  }
  await change(app, generation, 'told', { unset: ['dueAt'] });
  return undefined;
}

interface Address {
  place: Place;
  send: Send | undefined;
  options: SendOptions;
}

async function addressOf(
  app: App,
  sends: Sends,
  { _id: id, place: sealed }: Generation,
  keys: AccountKeys,
  kind: SendOptions['kind'],
): Promise<Address> {
  const place = placeField.open(keys, id, sealed);
  return { place, send: sends[place.platform], options: { key: id.slice(-25), kind, announced: await app.queue.recall(id) } };
}

/** What the person has by now, in whichever wallet. */
async function availableOf(app: App, { accountId }: Generation): Promise<number> {
  return (await standingOf(app, await walletOf(app, accountId))).available;
}

/** Renews the lease while the send lasts, and gives the newest version of the document back at its end. */
function keepLease(app: App, leased: Generation): { release(): Promise<Generation> } {
  let newest = leased;
  let renewing = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renewing
      .then(async () => {
        newest = (await note(app, newest, { set: lease(app) })) ?? newest;
      })
      .catch((error: unknown) => app.log.warn('lease was not renewed', { generation: leased._id, ...describe(error) }));
  }, LEASE_MS / 3);
  return {
    async release() {
      clearInterval(timer);
      await renewing;
      return newest;
    },
  };
}
