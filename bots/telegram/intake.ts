import { describe } from '../../core/log.ts';
import type { BotParts } from '../parts.ts';
import { type AnswerParts, answerTo, tell, type Work } from './answer.ts';
import { createOrder } from './order.ts';
import { createPieces } from './pieces.ts';
import { read, type Self, storesItself } from './read.ts';

/** Requests that are answered at the same time. */
const AT_ONCE = 64;
/** Update ids remembered to recognise a repeat. */
const REMEMBERED = 10_000;

export interface IntakeParts extends AnswerParts, Pick<BotParts, 'inbox'> {
  self: Self;
}

export interface Intake {
  /** Resolves once every update is stored, and so may be confirmed; rejects when one could not be. */
  take(updates: readonly unknown[]): Promise<void>;
  /** Starts what another process took and did not finish. */
  replay(): Promise<void>;
  /** Resolves when everything taken is answered. */
  idle(): Promise<void>;
}

/** What stores itself is held by its generation, and leaves nothing in the inbox. */
const forgotten = async () => {};

/** Stores first and works afterwards: one chat in order, chats side by side. Answering may lag behind storing, sending behind answering. */
export function createIntake(parts: IntakeParts): Intake {
  const { api, inbox, log, self } = parts;
  const answering = createOrder(AT_ONCE);
  const sending = createOrder(Number.POSITIVE_INFINITY);
  const seen = new Map<string, Promise<void>>();
  const isLaterPiece = createPieces();

  /** Resolves when the answer is made; `sent` is called when it has been sent or given up. */
  function work(reading: Work, sent: () => Promise<void>): Promise<void> {
    const { chat } = reading.place;
    return answering.run(chat, async () => {
      const reply = await answerTo(parts, reading);
      sending
        .run(chat, async () => {
          await tell(parts, reading.id, reading.place, reply);
          await sent();
        })
        .catch((error) => log.warn('telegram.unfinished', { request: reading.id, ...describe(error) }));
    });
  }

  function remember(id: string, stored: Promise<void>): Promise<void> {
    seen.set(id, stored);
    if (seen.size > REMEMBERED) for (const oldest of [...seen.keys()].slice(0, REMEMBERED / 10)) seen.delete(oldest);
    stored.catch(() => seen.delete(id));
    return stored;
  }

  function workLater(reading: Work): void {
    work(reading, () => inbox.done(reading.id)).catch((error) =>
      log.error('telegram.unanswered', { request: reading.id, ...describe(error) }),
    );
  }

  function worthWork(body: unknown): { reading: Work; body: unknown }[] {
    const reading = read(body, self);
    const isPiece = isLaterPiece(body);
    if (reading.kind === 'ignore' || isPiece) {
      log.info('telegram.ignored', { code: reading.kind === 'ignore' ? reading.why : 'piece' });
      return [];
    }
    if (reading.kind === 'request' && reading.press) api.answerCallbackQuery(reading.press).catch(() => {});
    return [{ reading, body }];
  }

  /** A request that stores itself is answered before it is confirmed, unless others of its chat would hold up the confirmation. */
  function split(works: { reading: Work; body: unknown }[]) {
    const busy = new Set<string>();
    return works.map(({ reading, body }) => {
      const { chat } = reading.place;
      const atOnce = storesItself(reading) && !busy.has(chat) && !answering.busy(chat);
      busy.add(chat);
      return { reading, body, atOnce };
    });
  }

  return {
    async take(updates) {
      const works = updates.flatMap(worthWork);
      const repeated = works.map(({ reading }) => seen.get(reading.id));
      const fresh = split(works.filter(({ reading }) => !seen.has(reading.id)));
      const kept = fresh.filter(({ atOnce }) => !atOnce);
      const bodies = kept.map(({ reading, body }) => ({ id: reading.id, chat: reading.place.chat, body }));
      const unknown = new Set(bodies.length > 0 ? await inbox.keep(bodies) : []);
      const stored = fresh.map(({ reading, atOnce }) => {
        const earlier = seen.get(reading.id);
        if (earlier) return earlier;
        if (atOnce) return remember(reading.id, work(reading, forgotten));
        // Another process has taken it: this one takes it over only when it is left waiting.
        if (!unknown.has(reading.id)) return undefined;
        workLater(reading);
        return remember(reading.id, Promise.resolve());
      });
      await Promise.all([...repeated, ...stored]);
    },

    async replay() {
      for (const { id, body } of await inbox.waiting()) {
        if (seen.has(id)) continue;
        const reading = read(body, self);
        if (reading.kind === 'ignore') {
          await inbox.done(id);
          continue;
        }
        workLater(reading);
        remember(id, Promise.resolve());
      }
    },

    async idle() {
      await answering.idle();
      await sending.idle();
    },
  };
}
