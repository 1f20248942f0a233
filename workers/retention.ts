import type { App } from '../core/app.ts';
import type { Sends } from '../core/chat.ts';
import { describe } from '../core/log.ts';
import { keepWithinLimits } from '../core/privacy/retention.ts';
import { LeaseLost } from '../core/privacy/walk.ts';

const LOOK_EVERY_MS = 10 * 60_000;

/** Removes what was kept for as long as it may be, if that is due. Safe to run anywhere, at once, again, and to be killed. */
export async function retention(app: App, sends: Sends): Promise<Map<string, number> | undefined> {
  try {
    return await keepWithinLimits(app, sends);
  } catch (error) {
    if (!(error instanceof LeaseLost)) app.log.error('what is old could not be removed', describe(error));
    return undefined;
  }
}

/** Looks every ten minutes whether it is due. `close` resolves when the look under way has ended. */
export function startRetention(app: App, sends: Sends): { close(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => retention(app, sends));
  }, LOOK_EVERY_MS);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
