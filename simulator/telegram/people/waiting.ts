import type { SeenMessage } from '../../person.ts';

/** Resolves with the first message, seen now or later, for which `wanted` holds; rejects with what was seen instead. */
export function firstWanted(
  messages: () => SeenMessage[],
  onChange: (listener: () => void) => () => void,
  wanted: (message: SeenMessage) => boolean,
  withinMs: number,
): Promise<SeenMessage> {
  const now = messages().find(wanted);
  if (now) return Promise.resolve(now);
  return new Promise((resolve, reject) => {
    const stop = onChange(() => {
      const found = messages().find(wanted);
      if (!found) return;
      clearTimeout(timeout);
      stop();
      resolve(found);
    });
    const timeout = setTimeout(() => {
      stop();
      const seen = messages().map(({ from, text }) => `${from}: ${text}`);
      reject(new Error(`no such message within ${withinMs} ms; seen: ${JSON.stringify(seen)}`));
    }, withinMs);
  });
}
