import { Api, GrammyError } from 'grammy';
import { afterEach } from 'vitest';
import { createTelegramSimulator, type TelegramOptions, type TelegramSimulator } from '../../../simulator/telegram/index.ts';
import { watchTelegram } from '../../support/telegram-schema.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

export interface Scene {
  telegram: TelegramSimulator;
  /** grammY's own client. */
  api: Api;
  /** What the schema has against the traffic so far. */
  complaints: string[];
}

/** A simulator with grammY connected to it; closed after the test. */
export async function scene(options: TelegramOptions = {}): Promise<Scene> {
  const telegram = await createTelegramSimulator(options);
  closers.push(() => telegram.close());
  const api = new Api(telegram.token, { apiRoot: telegram.url });
  return { telegram, api, complaints: watchTelegram(telegram) };
}

/** What Telegram said to a call that it refused. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof GrammyError) return `${error.error_code} ${error.description}`;
    throw error;
  }
  return 'accepted';
}

export interface Clock {
  now: () => number;
  timer: (milliseconds: number, run: () => void) => () => void;
  /** Milliseconds of the timers that are set, shortest first. */
  timers(): number[];
  /** Lets time pass and runs what falls due, in order. */
  advance(milliseconds: number): void;
}

/** A clock that stands still until it is told to move. */
export function stoppedClock(start = Date.UTC(2026, 10, 24)): Clock {
  let time = start;
  const set = new Set<{ at: number; run: () => void }>();
  return {
    now: () => time,
    timer(milliseconds, run) {
      const entry = { at: time + milliseconds, run };
      set.add(entry);
      return () => void set.delete(entry);
    },
    timers: () => [...set].map(({ at }) => at - time).sort((a, b) => a - b),
    advance(milliseconds) {
      const end = time + milliseconds;
      for (;;) {
        const next = [...set].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        set.delete(next);
        time = next.at;
        next.run();
      }
      time = end;
    },
  };
}

export const mp4 = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), Buffer.alloc(3000, 7)]);
