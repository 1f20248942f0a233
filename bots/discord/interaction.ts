import { setTimeout as wait } from 'node:timers/promises';
import type { DiscordPlace, Reply, Request, Send } from '../../core/chat.ts';
import { Undeliverable } from '../../core/errors.ts';
import { describe } from '../../core/log.ts';
import type { BotParts } from '../parts.ts';
import { fileOrigins } from './attachment.ts';
import type { DiscordCalls } from './calls.ts';
import { DiscordFailure, toFailure } from './failure.ts';
import { createMemory } from './memory.ts';
import { readInteraction } from './read.ts';

/** Somebody else acknowledged it, or it came too late: it is not ours to answer. */
const TAKEN = ['40060', '10062'];
/** Milliseconds before the second, third and last try to send an answer. */
const PAUSES = [300, 1500, 5000];

type Asked = Request & { place: DiscordPlace };

export interface InteractionParts extends Pick<BotParts, 'log' | 'commands' | 'answer' | 'announced'> {
  calls: DiscordCalls;
  send: Send;
  api?: string | undefined;
  now: () => number;
}

/** What happens to each raw interaction: acknowledge, ask, answer. The returned function never throws. */
export function createInteractionListener(parts: InteractionParts): (raw: unknown) => Promise<void> {
  const { log, now } = parts;
  const origins = fileOrigins(parts.api);
  const seen = createMemory<true>({ lifetime: 15 * 60_000, most: 20_000, now });

  return async (raw) => {
    const read = readInteraction(raw, { at: now(), origins });
    if ('ignored' in read) return log.warn('interaction ignored', { platform: 'discord', code: read.ignored });
    const { request } = read;
    if (seen.get(request.id)) return;
    seen.set(request.id, true);
    try {
      await handle(request, parts);
    } catch (error) {
      log.error('interaction failed', { platform: 'discord', request: request.id, ...describe(error) });
    }
  };
}

async function handle(request: Asked, parts: InteractionParts): Promise<void> {
  const command = parts.commands.find(({ name }) => name === request.command);
  const ours = await acknowledge(request, command?.private ?? false, parts);
  if (!ours) return;
  const reply = await parts.answer(request);
  const message = await deliver(request, reply, parts);
  if (reply.follows !== undefined && message !== undefined) await parts.announced(reply.follows, message);
}

/**
 * Defers the answer, which Discord wants within three seconds; false when the interaction is not ours. After an unclear
 * failure one more try: a refusal then comes from the first one. When both fail the request is answered all the same.
 */
async function acknowledge({ id, place }: Asked, ephemeral: boolean, { calls, log }: InteractionParts): Promise<boolean> {
  for (const attempt of [1, 2]) {
    try {
      await calls.defer(place.interaction, ephemeral);
      return true;
    } catch (error) {
      const { code } = toFailure(error);
      if (TAKEN.includes(code)) {
        if (attempt === 1) log.info('interaction taken by another', { platform: 'discord', request: id, code });
        return attempt > 1;
      }
      log.warn('interaction not acknowledged', { platform: 'discord', request: id, attempt, code });
    }
  }
  return true;
}

/**
 * Gives back the id of the message in which the reply stands, undefined when it could not be brought to the person.
 * A video or file that is too large here, or that cannot be had, is left out: better words alone than "thinking" for ever.
 */
async function deliver(request: Asked, reply: Reply, { calls, send, log }: InteractionParts): Promise<string | undefined> {
  const where = { platform: 'discord', request: request.id };
  let wanted = reply;
  for (let attempt = 1; ; attempt += 1) {
    try {
      // By now the finished video may stand where the announcement belongs: it must not be painted over.
      const standing = attempt > 1 && reply.follows !== undefined ? await standingAnswer(request.place, calls) : undefined;
      return standing ?? (await send(request.place, wanted, { key: request.id, kind: 'result' })).message;
    } catch (error) {
      if (error instanceof Undeliverable) {
        log.warn('answer undeliverable', { ...where, code: error.code });
        return undefined;
      }
      log.warn('answer not sent', { ...where, attempt, ...describe(error) });
      const pause = PAUSES[attempt - 1];
      const tooLarge = error instanceof DiscordFailure && error.code === 'too_large';
      if ((wanted.video || wanted.file) && (tooLarge || pause === undefined)) {
        const { video: _video, file: _file, ...words } = wanted;
        wanted = words;
      } else if (pause === undefined) {
        return undefined;
      } else {
        await wait(pause);
      }
    }
  }
}

/** The message that already answers this interaction, where Discord can tell. */
async function standingAnswer(place: DiscordPlace, calls: DiscordCalls): Promise<string | undefined> {
  try {
    return await calls.answered(place);
  } catch (error) {
    if (error instanceof DiscordFailure) return undefined;
    throw error;
  }
}
