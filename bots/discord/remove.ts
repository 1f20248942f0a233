import type { DiscordPlace, Remove } from '../../core/chat.ts';
import { createDiscordCalls, type DiscordAccess } from './calls.ts';
import { DiscordFailure, toFailure } from './failure.ts';
import { createMemory } from './memory.ts';
import { TOKEN_DEAD, TOKEN_LIVES_MS } from './send.ts';

/** Unknown message, unknown channel. */
const GONE = ['10008', '10003'];
/** No access, no permission, not in this kind of channel, a system's message, an archived thread. */
const REFUSED = ['50001', '50013', '50003', '50021', '50083'];
/** The direct chat with this person cannot be opened, so nothing of the bot stands in it. */
const NO_DIRECT = ['50007', '50278', '10013', '50033'];

type Removed = Awaited<ReturnType<Remove>>;

/**
 * Takes messages back along the ladder on which they were sent: through the interaction's token while it lives, in the channel, in the
 * direct chat. What only the person sees is out of reach for the bot once the token has died; Discord then knows no such message.
 * Throws a DiscordFailure where trying again may help.
 */
export function createDiscordRemove(parts: DiscordAccess & { now?: () => number }): Remove {
  const { now = Date.now } = parts;
  const calls = createDiscordCalls(parts);
  // Discord bans an address after 10,000 refused requests in ten minutes, so a closed door is not tried again for a while.
  const closed = createMemory<true>({ lifetime: 10 * 60_000, most: 10_000, now });

  async function inChannel(channel: string, message: string): Promise<Removed> {
    if (closed.get(channel)) return 'refused';
    const removed = await outcome(() => calls.remove(channel, message));
    if (removed === 'refused') closed.set(channel, true);
    return removed;
  }

  async function inDirect(user: string, message: string): Promise<Removed> {
    try {
      return await inChannel(await calls.openDirect(user), message);
    } catch (error) {
      if (error instanceof DiscordFailure && NO_DIRECT.includes(error.code)) return 'gone';
      throw error;
    }
  }

  return async (place, message) => {
    if (place.platform !== 'discord') throw new Error(`the Discord bot cannot remove from ${place.platform}`);
    if (!/^\d{1,20}$/.test(message)) return 'gone';
    if (now() - place.interaction.at < TOKEN_LIVES_MS && (await takenBack(place, message))) return 'removed';
    const there = await inChannel(place.chat, message);
    if (there === 'removed') return there;
    const direct = await inDirect(place.user, message);
    // A channel that does not let the bot look may still hold the message.
    return direct === 'gone' ? there : direct;
  };

  /** Whether it was one of the interaction's own messages and is gone now. */
  async function takenBack(place: DiscordPlace, message: string): Promise<boolean> {
    try {
      await calls.takeBack(place, message);
      return true;
    } catch (error) {
      if (TOKEN_DEAD.includes(toFailure(error).code)) return false;
      throw error;
    }
  }
}

async function outcome(remove: () => Promise<void>): Promise<Removed> {
  try {
    await remove();
    return 'removed';
  } catch (error) {
    const { code } = toFailure(error);
    if (GONE.includes(code)) return 'gone';
    if (REFUSED.includes(code)) return 'refused';
    throw error;
  }
}
