import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { probe } from '../core/media/probe.ts';
import { start } from '../main.ts';
import type { Person, SeenFile, SeenMessage } from '../simulator/person.ts';
import { makePhoto } from './photo.ts';
import { leave, takeAway } from './privacy.ts';
import { buyOnBoth } from './purchase.ts';
import { printChat } from './transcript.ts';

const OUTPUT = 'demo-output';
const DATA = '.data/demo';
const PATIENCE_MS = 60_000;

interface Wanted {
  width: number;
  height: number;
  seconds: number;
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Tells the product's story on both platforms with the real bots, keeps the videos and checks them. Resolves when all is as promised. */
async function tellTheStory(): Promise<void> {
  const started = Date.now();
  await rm(DATA, { recursive: true, force: true });
  await rm(OUTPUT, { recursive: true, force: true });
  await mkdir(OUTPUT, { recursive: true });
  const product = await start(
    { ...process.env, DISCORD_TOKEN: '', TELEGRAM_TOKEN: '', DATA_DIR: DATA, LOG_LEVEL: process.env.LOG_LEVEL ?? 'error' },
    say,
  );
  try {
    const { simulation } = product;
    if (!simulation) throw new Error('the demo needs the simulators');
    const { discord, telegram } = simulation.persons;
    const quiet = [discord, telegram].map((person) => printChat(person, say, started));
    say('\nRobin asks in Discord, Sam in Telegram, both at the same moment.\n');
    discord.command('generate', { prompt: 'a fox in a neon city at night in the rain', style: 'neon', seconds: 6 });
    telegram.say('a lonely ship on the ocean at sunset seconds=5 ratio=9:16');
    await keep(telegram, 'telegram-ship.mp4', { width: 720, height: 1280, seconds: 5 });
    telegram.sendPicture({ name: 'photo.jpg', data: await makePhoto() }, 'slowly towards the mountains seconds=4');
    await keep(discord, 'discord-fox.mp4', { width: 1280, height: 720, seconds: 6 });
    await keep(telegram, 'telegram-photo.mp4', { width: 1280, height: 720, seconds: 4 });
    discord.command('balance');
    await discord.until(saysBalance, PATIENCE_MS);
    telegram.say('/balance');
    await telegram.until(saysBalance, PATIENCE_MS);
    say('\nBoth buy credits: Robin by card, Sam with Stars.\n');
    await buyOnBoth(simulation);
    say('\nRobin takes everything along that is kept about them; Sam leaves for good.\n');
    await takeAway(discord, OUTPUT, say);
    await leave(telegram, OUTPUT, product.url ?? '', say);
    for (const stop of quiet) stop();
    say(`\nAll of it as promised, in ${((Date.now() - started) / 1000).toFixed(1)} s. The videos are in ${OUTPUT}/.`);
  } finally {
    await product.close();
  }
}

const saysBalance = ({ from, text }: SeenMessage): boolean => from === 'bot' && text.startsWith('You have ');

const taken = new Set<string>();

const newVideoOf = ({ files }: SeenMessage): SeenFile | undefined =>
  files.find(({ kind, name }) => kind === 'video' && !taken.has(name));

/** Waits for the next video in this chat, saves it and looks whether it is what was asked for. */
async function keep(person: Person, name: string, wanted: Wanted): Promise<void> {
  const message = await person.until((seen) => newVideoOf(seen) !== undefined, PATIENCE_MS);
  const file = newVideoOf(message);
  if (!file) throw new Error(`${name}: the video is gone again`);
  taken.add(file.name);
  const bytes = Buffer.from(await (await fetch(file.url)).arrayBuffer());
  await writeFile(join(OUTPUT, name), bytes);
  const seen = await probe(bytes);
  const complaints = [
    ...(seen.videoCodec === 'avc' ? [] : [`its codec is ${seen.videoCodec}`]),
    ...(seen.pixelFormat === 'yuv420p' ? [] : [`its pixels are ${seen.pixelFormat}`]),
    ...(seen.faststart ? [] : ['its index is not at the start']),
    ...(Math.abs(seen.seconds - wanted.seconds) < 0.1 ? [] : [`it lasts ${seen.seconds} s instead of ${wanted.seconds}`]),
    ...(seen.width === wanted.width && seen.height === wanted.height ? [] : [`it is ${seen.width}x${seen.height}`]),
    ...(message.buttons.length > 0 ? [] : ['it has no buttons']),
  ];
  if (complaints.length > 0) throw new Error(`${name}: ${complaints.join(', ')}`);
  say(
    `        checked  ${OUTPUT}/${name}: H.264, yuv420p, faststart, ${seen.seconds.toFixed(2)} s, ${seen.width}x${seen.height}`,
  );
}

tellTheStory().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`The demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
