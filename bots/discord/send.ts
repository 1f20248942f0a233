import type { RawFile } from 'discord.js';
import type { DiscordPlace, Reply, Send, Sent } from '../../core/chat.ts';
import { Undeliverable } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { createDiscordCalls, type DiscordAccess, type DiscordCalls } from './calls.ts';
import { DiscordFailure } from './failure.ts';
import { createMemory } from './memory.ts';
import { toMessage } from './reply.ts';

/** Interaction tokens live 15 minutes; the last one is left for the journey. */
export const TOKEN_LIVES_MS = 14 * 60_000;

/** The answer to the interaction cannot be written any more: token expired, unknown, or the message was deleted. */
export const TOKEN_DEAD = ['50027', '10015', '10062', '10008'];
/** No access, no permission, no such channel, closed to direct messages, no server in common. */
const CLOSED = ['50001', '50013', '10003', '50007', '50278'];
/** The server's filter or Discord's link filter blocks these words here. */
const BLOCKED = ['200000', '200001', '240000'];

/**
 * Sends by REST alone, so any process can finish what another one began. A result goes down a ladder: the answer to the
 * interaction, a message in the channel, a direct message; then Undeliverable. News only ever edits the answer.
 * A file too large for the place fails with code `too_large`.
 */
export function createDiscordSend(parts: DiscordAccess & { log: Log; now?: () => number }): Send {
  return createLadder(createDiscordCalls(parts), parts.log, parts.now ?? Date.now);
}

/** The ladder over calls that somebody else made. */
export function createLadder(calls: DiscordCalls, log: Log, now: () => number): Send {
  // Discord bans an address after 10,000 refused requests in ten minutes, so a closed door is not tried again for a while.
  const closed = createMemory<string>({ lifetime: 10 * 60_000, most: 10_000, now });
  const directs = createMemory<string>({ lifetime: 6 * 60 * 60_000, most: 10_000, now });

  async function viaInteraction(place: DiscordPlace, reply: Reply, files: Files): Promise<Sent> {
    if (now() - place.interaction.at >= TOKEN_LIVES_MS) throw new DiscordFailure('50027');
    return { message: await calls.edit(place, toMessage(reply), await files()) };
  }

  async function viaChannel(place: DiscordPlace, reply: Reply, files: Files, key: string): Promise<Sent> {
    return { message: await calls.post(place.chat, toMessage(reply, place.user), await files(), key) };
  }

  async function viaDirect(place: DiscordPlace, reply: Reply, files: Files, key: string): Promise<Sent> {
    const channel = directs.get(place.user) ?? (await calls.openDirect(place.user));
    directs.set(place.user, channel);
    return { message: await calls.post(channel, toMessage(reply), await files(), key) };
  }

  function rungsFor(place: DiscordPlace, reply: Reply, key: string): Rung[] {
    const files = filesOf(reply);
    const interaction: Rung = {
      name: 'interaction',
      door: `interaction ${place.interaction.id}`,
      endedBy: [...TOKEN_DEAD, ...CLOSED, ...BLOCKED],
      send: () => viaInteraction(place, reply, files),
    };
    const channel: Rung = {
      name: 'channel',
      door: `channel ${place.chat}`,
      endedBy: [...CLOSED, ...BLOCKED],
      send: () => viaChannel(place, reply, files, key),
    };
    const direct: Rung = {
      name: 'direct',
      door: `person ${place.user}`,
      endedBy: CLOSED,
      send: () => viaDirect(place, reply, files, key),
    };
    // What only the person may see never goes to a channel that others read.
    return place.canPost && !reply.private ? [interaction, channel, direct] : [interaction, direct];
  }

  async function sendResult(place: DiscordPlace, reply: Reply, key: string): Promise<Sent> {
    let refusal = 'unreachable';
    for (const { name, door, endedBy, send } of rungsFor(place, reply, key)) {
      const known = closed.get(door);
      if (known !== undefined) {
        refusal = known;
        continue;
      }
      try {
        const sent = await send();
        if (name !== 'interaction') log.info('delivered by other means', { platform: 'discord', where: name, code: refusal });
        return sent;
      } catch (error) {
        if (!(error instanceof DiscordFailure) || !endedBy.includes(error.code)) throw error;
        refusal = error.code;
        if (!BLOCKED.includes(error.code)) closed.set(door, error.code);
      }
    }
    throw new Undeliverable(refusal);
  }

  async function sendNews(place: DiscordPlace, reply: Reply): Promise<Sent> {
    const door = `interaction ${place.interaction.id}`;
    if (closed.get(door) !== undefined) return {};
    try {
      return await viaInteraction(place, reply, filesOf(reply));
    } catch (error) {
      if (!(error instanceof DiscordFailure) || !TOKEN_DEAD.includes(error.code)) throw error;
      closed.set(door, error.code);
      return {};
    }
  }

  return async (place, reply, options) => {
    if (place.platform !== 'discord') throw new Error(`the Discord bot cannot send to ${place.platform}`);
    return options.kind === 'news' ? sendNews(place, reply) : sendResult(place, reply, options.key);
  };
}

/** One way to the person: while `door` is known to be closed it is skipped, and the codes in `endedBy` lead to the next one. */
interface Rung {
  name: string;
  door: string;
  endedBy: readonly string[];
  send(): Promise<Sent>;
}

type Files = () => Promise<RawFile[]>;

/** Fetched at the first rung that uploads, and kept for the next one. */
function filesOf({ video, file }: Reply): Files {
  let read: Promise<RawFile[]> | undefined;
  return () => {
    read ??= readFiles(video, file);
    return read;
  };
}

async function readFiles(video: Reply['video'], file: Reply['file']): Promise<RawFile[]> {
  if (video) return [{ name: video.name, data: (await video.read()).video, contentType: 'video/mp4' }];
  return file ? [{ name: file.name, data: await file.read(), contentType: file.type }] : [];
}
