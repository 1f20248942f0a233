import { expect, test } from 'vitest';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';

test('a step that asks to be run again soon is not kept waiting for whole seconds', async () => {
  const app = await openApp({ provider: await createScriptedProvider() });
  const started = performance.now();
  let runs = 0;
  await new Promise<void>((resolve) => {
    app.queue.work('generate', 1, async () => {
      runs += 1;
      if (runs < 6) return { afterMs: 50 };
      resolve();
      return undefined;
    });
    void app.queue.ring('generate', 'tg-1');
  });
  const took = performance.now() - started;
  expect(took).toBeGreaterThan(5 * 45);
  expect(took).toBeLessThan(3_000);
});
