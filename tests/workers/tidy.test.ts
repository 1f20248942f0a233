import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { startWorkers } from '../../workers/index.ts';
import { tidy } from '../../workers/tidy.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask, creditsOf } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';

const untilDelivered = (sendings: unknown[], count: number) =>
  vi.waitFor(() => expect(sendings).toHaveLength(count), { timeout: 20_000, interval: 20 });

test('rings again for what is due and for nothing else', async () => {
  const clock = { at: Date.now() };
  const app = await openApp({ provider: await createScriptedProvider(), now: () => clock.at });
  await ask(app, { words: 'a fox', at: clock.at });
  expect(await tidy(app)).toBe(0);
  clock.at += 10_000;
  expect(await tidy(app)).toBe(1);
  expect(await tidy(app)).toBe(0);
  clock.at += 10_000;
  expect(await tidy(app)).toBe(1);
});

test('brings every video although the queue was emptied in the middle', async () => {
  const clock = { skip: 0 };
  const app = await openApp(
    { provider: await createScriptedProvider({ slots: 1 }), now: () => Date.now() + clock.skip },
    { WELCOME_CREDITS: '500' },
  );
  const { sends, sendings } = recordSends();
  for (let index = 0; index < 5; index++) await ask(app, { words: 'a fox seconds=2' });
  const redis = new Redis(app.config.redis.url);
  const keys = await redis.keys(`${app.config.NAME}:*`);
  expect(keys.length).toBeGreaterThan(5);
  await redis.del(keys);
  redis.disconnect();
  clock.skip = 10_000;
  const workers = startWorkers(app, sends, {});
  await untilDelivered(sendings, 5);
  await workers.close();
  expect(await creditsOf(app)).toEqual({ available: 480, held: 0 });
});
