import { type Api, HttpError } from 'grammy';
import type { Reply, Request, Send, TelegramPlace, Upload } from '../../core/chat.ts';
import { Undeliverable } from '../../core/errors.ts';
import { describe } from '../../core/log.ts';
import type { BotParts } from '../parts.ts';
import { signalOf } from './api.ts';
import type { Picture, Reading } from './read.ts';

/** Pauses before an answer is sent again, in milliseconds. */
const PAUSES = [1000, 5000, 20_000];
/** Telegram shows "typing" for 5 s. */
const TYPING_MS = 4500;
/** No answer is held up longer than this for showing that the bot is at work. */
const LONGEST_SHOWING_MS = 1000;

export interface AnswerParts extends Pick<BotParts, 'log' | 'answer' | 'announced'> {
  api: Api;
  send: Send;
  pictureOf(picture: Picture): Upload;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds; rejects when the bot is closing. */
  wait(milliseconds: number): Promise<void>;
}

/** An update that is answered in its chat. */
export type Work = Extract<Reading, { kind: 'request' | 'decline' }>;

/** Makes the answer. The chat shows first that the bot is at work, and goes on showing it while a picture is looked at. */
export async function answerTo(parts: AnswerParts, reading: Work): Promise<Reply> {
  if (reading.kind === 'decline') return { text: reading.text };
  const { id, place, request, picture } = reading;
  const asked: Request = { ...request, id, place, at: parts.now() };
  // When many ask at once, everybody sees it before the work for any of them begins.
  await showTyping(parts.api, place);
  if (!picture) return parts.answer(asked);
  const timer = setInterval(() => void showTyping(parts.api, place), TYPING_MS);
  try {
    return await parts.answer({ ...asked, image: parts.pictureOf(picture) });
  } finally {
    clearInterval(timer);
  }
}

/** Never fails. A connection that was closed while nobody used it is worth a second try. */
async function showTyping(api: Api, { chat, topic }: TelegramPlace): Promise<void> {
  const signal = signalOf(AbortSignal.timeout(LONGEST_SHOWING_MS));
  const thread = topic === undefined ? {} : { message_thread_id: topic };
  const show = () => api.sendChatAction(Number(chat), 'typing', thread, signal);
  await show()
    .catch((error: unknown) => error instanceof HttpError && show())
    .catch(() => {});
}

/** Sends an answer, several times if need be; rejects only when the bot closes meanwhile. */
export async function tell(parts: AnswerParts, id: string, place: TelegramPlace, reply: Reply): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { message } = await parts.send(place, reply, { key: id, kind: 'result' });
      if (reply.follows && message) await announce(parts, reply.follows, message);
      return;
    } catch (error) {
      if (error instanceof Undeliverable) return parts.log.info('telegram.undeliverable', { request: id, code: error.code });
      const pause = PAUSES[attempt];
      if (pause === undefined) return parts.log.error('telegram.not_sent', { request: id, ...describe(error) });
      await parts.wait(pause);
    }
  }
}

async function announce({ announced, log }: AnswerParts, generation: string, message: string): Promise<void> {
  try {
    await announced(generation, message);
  } catch (error) {
    log.warn('telegram.announcement_lost', { generation, ...describe(error) });
  }
}
