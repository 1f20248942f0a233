import { describe } from '../../core/log.ts';
import type { BotParts } from '../parts.ts';
import { type AnswerParts, answerTo, tell, type Work } from './answer.ts';
import type { Checkouts } from './checkout.ts';
import { type Checkout, isMovement, type Movement } from './money.ts';
import { createOrder } from './order.ts';
import { createPieces } from './pieces.ts';
import { read, type Self, storesItself } from './read.ts';
import { createSettling } from './settling.ts';

/** Requests that are answered at the same time. */
const AT_ONCE = 64;
/** Update ids remembered to recognise a repeat. */
const REMEMBERED = 10_000;

export interface IntakeParts extends AnswerParts, Pick<BotParts, 'inbox' | 'starsPaid' | 'starsRefunded'> {
  self: Self;
  checkouts: Checkouts;
}

export interface Intake {
  /** Resolves once every update is stored, and so may be confirmed; rejects when one could not be. */
  take(updates: readonly unknown[]): Promise<void>;
  /** Starts what another process took and did not finish. */
  replay(): Promise<void>;
  /** Resolves when everything taken is answered. */
  idle(): Promise<void>;
}

interface Fresh {
  reading: Work | Movement;
  body: unknown;
  chat: string;
  /** The same, where it is answered before it is confirmed. */
  atOnce: Work | undefined;
}

/** What stores itself is held by its generation, and leaves nothing in the inbox. */
const forgotten = async () => {};

/** Stores first and works afterwards: one chat in order, chats side by side. Answering may lag behind storing, sending behind answering. */
export function createIntake(parts: IntakeParts): Intake {
  const { api, checkouts, inbox, log, self } = parts;
  const answering = createOrder(AT_ONCE);
  const sending = createOrder(Number.POSITIVE_INFINITY);
  const settling = createSettling(parts);
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

  /** It is of no use after ten seconds, so nothing is stored; one that could not be answered is answered when it comes again. */
  function decide(checkout: Checkout): void {
    if (seen.has(checkout.id)) return;
    remember(checkout.id, Promise.resolve());
    checkouts.answer(checkout).then((isAnswered) => isAnswered || seen.delete(checkout.id));
  }

  function workLater(reading: Work | Movement): void {
    if (isMovement(reading)) {
      settling.begin(reading);
      return;
    }
    work(reading, () => inbox.done(reading.id)).catch((error) =>
      log.error('telegram.unanswered', { request: reading.id, ...describe(error) }),
    );
  }

  function worthWork(body: unknown): { reading: Work | Movement; body: unknown }[] {
    const reading = read(body, self);
    const isPiece = isLaterPiece(body);
    if (reading.kind === 'ignore' || isPiece) {
      log.info('telegram.ignored', { code: reading.kind === 'ignore' ? reading.why : 'piece' });
      return [];
    }
    if (reading.kind === 'checkout') {
      decide(reading);
      return [];
    }
    if (reading.kind === 'request' && reading.press) api.answerCallbackQuery(reading.press).catch(() => {});
    return [{ reading, body }];
  }

  /** A request that stores itself is answered before it is confirmed, unless others of its chat would hold up the confirmation. */
  function split(works: { reading: Work | Movement; body: unknown }[]): Fresh[] {
    const busy = new Set<string>();
    return works.map(({ reading, body }) => {
      if (isMovement(reading)) return { reading, body, chat: reading.chat, atOnce: undefined };
      const { chat } = reading.place;
      const atOnce = storesItself(reading) && !busy.has(chat) && !answering.busy(chat);
      busy.add(chat);
      return { reading, body, chat, atOnce: atOnce ? reading : undefined };
    });
  }

  return {
    async take(updates) {
      const works = updates.flatMap(worthWork);
      const repeated = works.map(({ reading }) => seen.get(reading.id));
      const fresh = split(works.filter(({ reading }) => !seen.has(reading.id)));
      const kept = fresh.filter(({ atOnce }) => !atOnce);
      const bodies = kept.map(({ reading, body, chat }) => ({ id: reading.id, chat, body }));
      const unknown = new Set(bodies.length > 0 ? await inbox.keep(bodies) : []);
      const stored = fresh.map(({ reading, atOnce }) => {
        const earlier = seen.get(reading.id);
        if (earlier) return earlier;
        if (atOnce) return remember(reading.id, work(atOnce, forgotten));
        // Another process has taken it: this one takes it over only when it is left waiting.
        if (!unknown.has(reading.id)) return undefined;
        workLater(reading);
        return remember(reading.id, Promise.resolve());
      });
      await Promise.all([...repeated, ...stored]);
    },

    async replay() {
      for (const { id, body } of await inbox.waiting()) {
        const reading = read(body, self);
        if (seen.has(id) && !isMovement(reading)) continue;
        if (reading.kind === 'ignore' || reading.kind === 'checkout') {
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
      await settling.idle();
      await checkouts.idle();
    },
  };
}
