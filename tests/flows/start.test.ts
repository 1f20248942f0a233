import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { probe } from '../../core/media/probe.ts';
import { start } from '../../main.ts';
import type { Person, SeenMessage } from '../../simulator/person.ts';
import { testEnvironment } from '../support/app.ts';
import { goodPicture } from './pictures.ts';

const PATIENCE_MS = 40_000;
const hasVideo = ({ files }: SeenMessage): boolean => files.some(({ kind }) => kind === 'video');

async function videoOf(person: Person) {
  const { files, text } = await person.until(hasVideo, PATIENCE_MS);
  expect(text).toContain('Local preview, made by procedure on this machine (not AI).');
  return probe(Buffer.from(await (await fetch(files[0]?.url ?? '')).arrayBuffer()));
}

test('without any token it starts a Discord and a Telegram of its own, and renders words and pictures itself', async () => {
  const environment = testEnvironment({ RENDER_QUALITY: 'small', RENDERS_AT_ONCE: '2' });
  const { simulation, url, close } = await start(environment, () => {});
  onTestFinished(async () => {
    await close();
    await rm(environment.DATA_DIR ?? '', { recursive: true });
  });
  if (!simulation) throw new Error('there is no simulation');
  const { discord, telegram } = simulation.persons;
  discord.command('generate', { prompt: 'a fox in a neon city at night in the rain', style: 'neon', seconds: 2 });
  telegram.sendPicture(await goodPicture(), 'slowly closer ratio=1:1 seconds=2');
  const [wide, square] = await Promise.all([videoOf(discord), videoOf(telegram)]);
  expect(wide).toMatchObject({ videoCodec: 'avc', pixelFormat: 'yuv420p', faststart: true, width: 640, height: 360 });
  expect(square).toMatchObject({ videoCodec: 'avc', pixelFormat: 'yuv420p', faststart: true });
  expect(square.width).toBe(square.height);
  for (const { seconds } of [wide, square]) expect(seconds).toBeCloseTo(2, 1);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
}, 60_000);
