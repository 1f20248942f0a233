import type { LogFields } from '../../log.ts';
import type { LogRule } from '../registry-types.ts';

/** Every field that a log line may hold. A field that is not here does not compile. */
export const logs: Readonly<Record<keyof LogFields, LogRule>> = {
  generation: { about: 'number of a video, payment, export or deletion' },
  request: { about: 'number of a request' },
  reference: { about: 'a number that a person may tell support' },
  command: { about: 'which command, without its words' },
  platform: { about: 'Discord or Telegram' },
  provider: { about: 'which provider' },
  state: { about: 'a word from a fixed list' },
  code: { about: 'a code of an error or a refusal' },
  error: { about: 'the kind of an error, never its message' },
  where: { about: 'file and line, or a queue' },
  address: { about: 'an address of our own servers' },
  version: { about: 'a version' },
  count: { about: 'how many' },
  milliseconds: { about: 'how long' },
  bytes: { about: 'how large' },
  attempt: { about: 'how often it was tried' },
  status: { about: 'an HTTP status' },
};
