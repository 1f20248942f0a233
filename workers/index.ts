import type { App } from '../core/app.ts';
import type { Removes, Sends } from '../core/chat.ts';
import { describe } from '../core/log.ts';
import { sweepArchives } from '../core/privacy/archives.ts';
import * as broadcast from './broadcast.ts';
import * as deliver from './deliver.ts';
import * as erase from './erase.ts';
import * as exporting from './export.ts';
import * as gallery from './gallery.ts';
import * as generate from './generate.ts';
import * as notify from './notify.ts';
import * as payments from './payments.ts';
import { startReconcile } from './reconcile.ts';
import { startRetention } from './retention.ts';
import { createSweep } from './sweep.ts';
import { tidy } from './tidy.ts';
import { countUsage } from './usage.ts';

const TIDY_EVERY_MS = 5_000;
const SWEEP_EVERY_MS = 10 * 60_000;
const GENERATE_AT_ONCE = 16;
const DELIVER_AT_ONCE = 4;
const PAYMENTS_AT_ONCE = 4;
const NOTIFY_AT_ONCE = 4;
/** Each may read or remove everything that a person has: few at once leave room for those who wait for a video. */
const EXPORT_AT_ONCE = 2;
const ERASE_AT_ONCE = 2;
const GALLERY_AT_ONCE = 2;
const BROADCAST_AT_ONCE = 1;

/** Starts every worker. `close` resolves when the steps that are running have ended. */
export function startWorkers(app: App, sends: Sends, removes: Removes): { close(): Promise<void> } {
  app.queue.work('generate', GENERATE_AT_ONCE, (id) => generate.run(app, sends, id));
  app.queue.work('deliver', DELIVER_AT_ONCE, (id) => deliver.run(app, sends, id));
  app.queue.work('payments', PAYMENTS_AT_ONCE, (id) => payments.run(app, id));
  app.queue.work('notify', NOTIFY_AT_ONCE, (id) => notify.run(app, sends, id));
  app.queue.work('export', EXPORT_AT_ONCE, (id) => exporting.run(app, sends, id));
  app.queue.work('erase', ERASE_AT_ONCE, (id) => erase.run(app, sends, removes, id));
  app.queue.work('gallery', GALLERY_AT_ONCE, (id) => gallery.run(app, id));
  app.queue.work('broadcast', BROADCAST_AT_ONCE, (id) => broadcast.run(app, sends, id));
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
  const sweepGallery = gallery.createGallerySweep(app);
  const sweepAll = () => {
    const all = running.then(sweep).then(sweepGallery);
    running = all
      .then(() => sweepArchives(app))
      .then(() => countUsage(app))
      .then(
        () => undefined,
        (error: unknown) => app.log.warn('sweep failed', describe(error)),
      );
  };
  const reconciling = startReconcile(app);
  const retaining = startRetention(app, sends);
  const broadcasting = broadcast.startBroadcasts(app);
  const timers = [setInterval(look, TIDY_EVERY_MS), setInterval(sweepAll, SWEEP_EVERY_MS)];
  return {
    async close() {
      for (const timer of timers) clearInterval(timer);
      await running;
      await reconciling.close();
      await retaining.close();
      await broadcasting.close();
      await app.queue.rest();
    },
  };
}
