import type { Place, Remove } from '../../core/chat.ts';
import { Undeliverable } from '../../core/errors.ts';
import { createPatientApi } from './api.ts';
import { createFlood, type FloodParts } from './flood.ts';
import { isNothingToDelete, isUndeletable, migratedTo, withoutSecrets } from './refusals.ts';

export interface TelegramRemoveParts extends FloodParts {
  token: string;
  apiRoot?: string | undefined;
}

/** `close` ends the waits that are under way with an error and leaves Redis. */
export type TelegramRemove = Remove & { close(): void };

/**
 * Deletes messages within Telegram's limits. What is older than 48 hours stays: core.telegram.org/bots/api#deletemessage. `place` is where
 * the message stands: what was answered privately to a question in a group stands in the private chat.
 * Throws an Error without the token where trying again may help.
 */
export function createTelegramRemove(parts: TelegramRemoveParts): TelegramRemove {
  const { token } = parts;
  const flood = createFlood(parts);
  const api = createPatientApi(token, parts.apiRoot, flood.silence);

  async function remove(place: Place, message: string): ReturnType<Remove> {
    if (place.platform !== 'telegram') throw new Error(`a place in ${place.platform} was handed to Telegram`);
    if (!/^[1-9]\d{0,14}$/.test(message)) return 'gone';
    try {
      await flood.act();
      await api.deleteMessage(Number(place.chat), Number(message));
      return 'removed';
    } catch (error) {
      return verdict(error, token);
    }
  }
  return Object.assign(remove, { close: () => flood.close() });
}

function verdict(error: unknown, token: string): 'gone' | 'refused' {
  if (isNothingToDelete(error)) return 'gone';
  // In the supergroup that a group became the same id names another message.
  if (isUndeletable(error) || migratedTo(error) !== undefined) return 'refused';
  const known = withoutSecrets(error, token);
  if (!(known instanceof Undeliverable)) throw known;
  return known.code === 'chat_gone' ? 'gone' : 'refused';
}
