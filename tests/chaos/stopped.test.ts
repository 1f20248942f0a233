import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startWorkers } from '../../workers/index.ts';
import { openApp } from '../support/app.ts';
import { startProductProcess } from '../support/product-process.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask as askOnce } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';
import { ask, expectOneOfEach, newDataDirectory, nextProgress, openPlatforms, RENDERING } from './story.ts';

/** An operator's system kills what has not ended by then. */
const STOP_MS = 15_000;

test('a clean stop in the middle of a generation ends within 15 s and loses nothing', async () => {
  const { persons, settings } = await openPlatforms();
  const start = () => startProductProcess({ ...settings, ...RENDERING, DATA_DIR });
  const DATA_DIR = await newDataDirectory();

  let product = await start();
  ask(persons);
  await nextProgress(persons);
  const { code, milliseconds } = await product.stop();
  expect(code).toBe(0);
  expect(milliseconds).toBeLessThan(STOP_MS);

  product = await start();
  await expectOneOfEach(persons, product);
}, 240_000);

test('a clean stop ends the steps that are running before it cancels jobs, so that none is given up for being cancelled', async () => {
  const order: string[] = [];
  let letGo = () => {};
  const provider = await createScriptedProvider({
    poll: async () => {
      if (order.length > 0) return { state: 'running' };
      order.push('step began');
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
      order.push('step ended');
      return { state: 'running' };
    },
    close: async () => void order.push('provider closed'),
  });
  const app = await openApp({ provider });
  const workers = startWorkers(app, recordSends().sends, {});
  onTestFinished(() => workers.close());
  await askOnce(app, { words: 'a fox' });
  await vi.waitUntil(() => order.length === 1, { timeout: 10_000 });

  const closing = app.close();
  await setImmediate();
  letGo();
  await closing;
  expect(order).toEqual(['step began', 'step ended', 'provider closed']);
});
