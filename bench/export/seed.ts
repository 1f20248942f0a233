import { createCipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { openAccount } from '../../core/accounts.ts';
import { createApp } from '../../core/app.ts';
import type { Request } from '../../core/chat.ts';
import { readConfig } from '../../core/config.ts';
import { place as placeField, prompt as promptField } from '../../core/generations/sealed.ts';
import { loadKeks } from '../../core/keys.ts';
import { askArchive } from '../../core/privacy/archives.ts';
import { report } from './measured.ts';
import { s3Of, VIDEOS_PREFIX } from './stores.ts';

const CHUNK = 2 ** 20;

/** Somebody with so many videos of so many bytes, who asks for all their data: the wish lies in the database. */
const { BENCH_VIDEOS, BENCH_VIDEO_BYTES, ...settings } = process.env;
const app = await openApp(settings);
const began = performance.now();
const bytes = await seedPerson(Number(BENCH_VIDEOS), Number(BENCH_VIDEO_BYTES));
report({ milliseconds: performance.now() - began, bytes });
await app.close();

async function seedPerson(videos: number, size: number): Promise<number> {
  const at = app.now();
  const place = { platform: 'telegram', chat: '1', user: '1', group: false } as const;
  const request: Request = { id: 'tg-bench', place, person: { name: 'Bench' }, command: 'privacy', at };
  const account = await openAccount(app, request);
  for (let index = 0; index < videos; index += 1) {
    const id = `bench-${String(index).padStart(3, '0')}`;
    const name = `${VIDEOS_PREFIX}${id}.mp4`;
    const stored = await app.storage.write(name, unrepeating(size), account.keys.objectsKey, { purpose: 'video' });
    await app.models.generations.create({
      _id: id,
      accountId: account.id,
      keyId: account.keyId,
      rev: 0,
      state: 'delivered',
      prompt: promptField.seal(account.keys, id, `a long film, part ${index}`),
      place: placeField.seal(account.keys, id, place),
      hasImage: false,
      style: 'natural',
      aspectRatio: '16:9',
      seconds: 60,
      seed: index,
      price: 0,
      video: { seconds: 60, width: 1920, height: 1080, size: stored },
      tries: 1,
      createdAt: new Date(at + index),
      deadlineAt: new Date(at),
    });
  }
  await askArchive(app, { account, place, content: 'all', at, id: request.id });
  return videos * size;
}

/** Bytes that no store could shrink, as quick as they can be made: zeros under AES in counter mode. */
function unrepeating(size: number): Readable {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(CHUNK);
  let left = size;
  return new Readable({
    read() {
      const length = Math.min(CHUNK, left);
      left -= length;
      this.push(length > 0 ? cipher.update(zeros.subarray(0, length)) : null);
    },
  });
}

/** The product's whole app on the servers that the environment names; it does nothing by itself. */
async function openApp(env: NodeJS.ProcessEnv) {
  const config = readConfig(env);
  const { MONGODB_URI: uri = '', REDIS_URL: url = '', FFMPEG_PATH: ffmpeg = '', DATA_DIR } = config;
  const keks = await loadKeks({ ...config, file: join(DATA_DIR, 'master.key') });
  return createApp({
    ...config,
    ...keks,
    mongo: { uri },
    redis: { url },
    s3: s3Of(env),
    ffmpeg,
    workDir: join(DATA_DIR, 'work'),
  });
}
