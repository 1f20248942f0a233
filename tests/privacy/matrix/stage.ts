import type { Removes } from '../../../core/chat.ts';
import { TELEGRAM_LINKS_ACCEPTED } from '../../../core/config.ts';
import type { Letter } from '../../../core/mail.ts';
import { createStripeSimulator } from '../../../simulator/stripe/index.ts';
import { startWeb } from '../../../web/server.ts';
import * as deliver from '../../../workers/deliver.ts';
import * as erase from '../../../workers/erase.ts';
import * as exporting from '../../../workers/export.ts';
import * as generate from '../../../workers/generate.ts';
import { createTestApp, discard } from '../../support/app.ts';
import { createScriptedProvider } from '../../support/provider.ts';
import { recordSends } from '../../support/sends.ts';
import { newClock, type Shop } from '../../support/shop.ts';

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** The whole product with its pages, a local Stripe, a mailbox and a clock that stands still. Workers run when they are told to. */
export async function openStage() {
  const clock = newClock();
  const stripe = await createStripeSimulator({ now: clock.now, seed: 7 });
  const settings = {
    ...{ STRIPE_SECRET_KEY: stripe.apiKey, STRIPE_WEBHOOK_SECRET: stripe.webhookSecret, STRIPE_API: stripe.url },
    ...{ WELCOME_CREDITS: '50000', TELEGRAM_STRIPE_LINKS: TELEGRAM_LINKS_ACCEPTED },
  };
  const provider = { ...(await createScriptedProvider()), slots: 50 };
  const app = await createTestApp({ provider, now: clock.now }, settings);
  const letters: Letter[] = [];
  app.mail = { send: async (letter) => void letters.push(letter), close() {} };
  const web = await startWeb(app, { host: '127.0.0.1', port: 0 });
  const { sends, sendings } = recordSends();
  const takeBack = async () => 'removed' as const;
  const removes: Removes = { telegram: takeBack, discord: takeBack };
  const shop: Shop = { app, stripe, clock };

  return {
    ...{ shop, app, clock, stripe, letters, sends, sendings, origin: web.url },
    /** A queued generation becomes a video in the chat. */
    async finish(id: string): Promise<string> {
      for (let steps = 0; steps < 3; steps++) await generate.run(app, sends, id);
      await deliver.run(app, sends, id);
      const made = await app.models.generations.findById(id).lean();
      if (made?.state !== 'delivered') throw new Error(`the video is ${made?.state}`);
      return id;
    },
    async pack(id: string): Promise<void> {
      for (let steps = 0; steps < 3; steps++) await exporting.run(app, sends, id);
      const packed = await app.models.archives.findById(id).lean();
      if (packed?.state !== 'ready') throw new Error(`the archive is ${packed?.state}`);
    },
    async erase(id: string): Promise<void> {
      for (let steps = 0; steps < 40; steps++) {
        await app.models.erasures.updateOne({ _id: id }, { $unset: { leaseUntil: 1 } });
        if (!(await erase.run(app, sends, removes, id))) break;
      }
      const erased = await app.models.erasures.findById(id).lean();
      if (erased?.state !== 'done') throw new Error(`the erasure is ${erased?.state}`);
    },
    async close(): Promise<void> {
      await web.close();
      await discard(app);
      await stripe.close();
    },
  };
}
