import type { App } from '../core/app.ts';
import type { Sends } from '../core/chat.ts';
import { describe } from '../core/log.ts';
import * as deliver from './deliver.ts';
import * as generate from './generate.ts';
import * as notify from './notify.ts';
import * as payments from './payments.ts';
import { startReconcile } from './reconcile.ts';
import { createSweep } from './sweep.ts';
import { tidy } from './tidy.ts';

const TIDY_EVERY_MS = 5_000;
const SWEEP_EVERY_MS = 10 * 60_000;
const GENERATE_AT_ONCE = 16;
const DELIVER_AT_ONCE = 4;
const PAYMENTS_AT_ONCE = 4;
const NOTIFY_AT_ONCE = 4;

/** Starts every worker. `close` resolves when the steps that are running have ended. */
export function startWorkers(app: App, sends: Sends): { close(): Promise<void> } {
  app.queue.work('generate', GENERATE_AT_ONCE, (id) => generate.run(app, sends, id));
  app.queue.work('deliver', DELIVER_AT_ONCE, (id) => deliver.run(app, sends, id));
  app.queue.work('payments', PAYMENTS_AT_ONCE, (id) => payments.run(app, id));
  app.queue.work('notify', NOTIFY_AT_ONCE, (id) => notify.run(app, sends, id));
  let running = Promise.resolve();
  const look = () => {
    running = running
      .then(() => tidy(app))
      .then(
        () => undefined,
        (error: unknown) => app.log.warn('tidy failed', describe(error)),
      );
  };
  look();
  const sweep = createSweep(app);
  const sweepAll = () => {
    running = running.then(sweep).then(
      () => undefined,
      (error: unknown) => app.log.warn('sweep failed', describe(error)),
    );
  };
  const reconciling = startReconcile(app);
  const timers = [setInterval(look, TIDY_EVERY_MS), setInterval(sweepAll, SWEEP_EVERY_MS)];
  return {
    async close() {
      for (const timer of timers) clearInterval(timer);
      await running;
      await reconciling.close();
      await app.queue.rest();
    },
  };
}
