import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { descendantsOf, startProductProcess } from '../support/product-process.ts';
import {
  all,
  ask,
  expectOneOfEach,
  isAccepted,
  isVideo,
  newDataDirectory,
  nextProgress,
  openPlatforms,
  RENDERING,
} from './story.ts';

const clipsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.mp4/.test(name));

test('kill -9 of the whole process in the middle of a generation: the person gets exactly one video and one charge', async () => {
  const { persons, settings, telegram } = await openPlatforms();
  const start = () => startProductProcess({ ...settings, ...RENDERING, DATA_DIR });
  const DATA_DIR = await newDataDirectory();

  let product = await start();
  ask(persons);
  await all(persons, isAccepted);
  await product.kill();

  product = await start();
  await vi.waitUntil(() => descendantsOf(product.pid).some(({ words }) => words.includes('render.ts')), { timeout: 60_000 });
  await nextProgress(persons);
  await product.kill();
  expect(persons.flatMap((person) => person.messages().filter(isVideo))).toEqual([]);

  // Between the charge and the send, which is broken off before it has an effect: a kill after that may repeat it, the one exception.
  telegram.forced.push({ method: 'sendVideo', answer: 'break before' });
  product = await start();
  await product.said(/"msg":"video made"/);
  await product.kill();

  product = await start();
  await expectOneOfEach(persons, product);
  // Finished clips that a killed process had not stored yet lie there unencrypted.
  await vi.waitUntil(() => clipsIn(join(DATA_DIR, 'work')).length === 0, { timeout: 5_000 });
}, 240_000);
