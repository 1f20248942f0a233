import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { App } from '../../core/app.ts';
import { putMedia } from '../../core/generations/objects.ts';
import { endDownloads, offerDownload } from '../../core/privacy/downloads.ts';
import { enter, linkTo, openPages, ownerOf, visit } from './visit.ts';

const MIB = 2 ** 20;

/** A video of so many random bytes behind an open link. */
async function open(size = 5 * MIB) {
  const pages = await openPages();
  const { app } = pages;
  const owner = await ownerOf(app, '77');
  const bytes = randomBytes(size);
  const keys = app.keys.open((await app.models.keys.findById(owner.keyId).lean()) ?? undefined);
  await putMedia(app, keys, 'video', owner.video, bytes);
  await app.models.generations.updateOne({ _id: owner.video }, { $set: { 'video.size': size } });
  const link = await linkTo(app, owner, 3_600_000);
  const { cookie, media } = await enter(link.url, link.code);
  const get = (headers: Record<string, string> = {}, method = 'GET') => visit(media, { method, headers: { cookie, ...headers } });
  return { ...pages, owner, bytes, keys, link, cookie, media, get };
}

/** Changes stored bytes as somebody would who has the bucket and no key. */
async function tamper({ config }: App, Key: string, change: (stored: Buffer) => Buffer): Promise<void> {
  const { endpoint, region, accessKeyId, secretAccessKey } = config.s3;
  const s3 = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true });
  const at = { Bucket: config.S3_BUCKET, Key };
  const { Body } = await s3.send(new GetObjectCommand(at));
  const Changed = change(Buffer.from((await Body?.transformToByteArray()) ?? []));
  await s3.send(new PutObjectCommand({ ...at, Body: Changed, ContentLength: Changed.length }));
  s3.destroy();
}

test('every range is the slice of the video that it names', { timeout: 30_000 }, async () => {
  const { bytes, get } = await open();
  const place = fc.oneof(fc.integer({ min: 0, max: bytes.length - 1 }), fc.constantFrom(0, 1, MIB - 1, MIB, 5 * MIB - 1));
  await fc.assert(
    fc.asyncProperty(place, place, async (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const { status, headers, body } = await get({ range: `bytes=${from}-${to}` });
      expect([status, headers['content-range']]).toEqual([206, `bytes ${from}-${to}/${bytes.length}`]);
      expect(body.equals(bytes.subarray(from, to + 1))).toBe(true);
    }),
    { numRuns: 40 },
  );
  const slices = {
    'bytes=0-': [0],
    'bytes=-7': [-7],
    'bytes=5242879-': [-1],
    'bytes=3-99999999': [3],
    'bytes=-99999999': [0],
  } as const;
  for (const [range, [from]] of Object.entries(slices)) {
    const { status, body } = await get({ range, 'if-range': '"whatever"' });
    expect([range, status, body.equals(bytes.subarray(from))]).toEqual([range, 206, true]);
  }
  for (const range of ['bytes=5242880-', 'bytes=-0', 'bytes=99999999-99999999']) {
    const { status, headers, body } = await get({ range });
    expect([status, headers['content-range'], body.length]).toEqual([416, 'bytes */5242880', 0]);
  }
  for (const range of ['bytes=0-1,5-6', 'frames=0-1', 'bytes=9-3', 'bytes=-', 'bytes=a-b']) {
    expect([range, (await get({ range })).status]).toEqual([range, 200]);
  }
});

test('says what it is, how long, and that nobody keeps it; HEAD says the same without a byte', async () => {
  const { bytes, cookie, get, media } = await open(10_000);
  const whole = await get();
  expect(whole.body.equals(bytes)).toBe(true);
  expect(whole.headers).toMatchObject({
    'content-type': 'video/mp4',
    'content-length': '10000',
    'accept-ranges': 'bytes',
    'content-disposition': 'inline; filename="lpm-ai-video.mp4"',
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  });
  const { date: _, connection: __, ...same } = whole.headers;
  const head = await get({}, 'HEAD');
  expect([head.status, head.body.length]).toEqual([200, 0]);
  expect(head.headers).toMatchObject(same);
  expect((await get({ range: 'bytes=0-9' }, 'HEAD')).headers['content-length']).toBe('10');
  const saved = await visit(`${media}?save=1`, { headers: { cookie } });
  expect(saved.headers['content-disposition']).toBe('attachment; filename="lpm-ai-video.mp4"');
  expect((await get({}, 'POST')).status).toBe(405);
});

test('opens for nobody without the cookie of that very link, nor by a forged or an old address', async () => {
  const { app, clock, cookie, get, media, owner } = await open(1_000);
  const other = await ownerOf(app, '78');
  const { url, code } = await linkTo(app, other, 3_600_000);
  const theirs = await enter(url, code);
  const [id = '', until = '', mac = ''] = media.slice(media.lastIndexOf('/') + 1).split('.');
  const address = (...parts: string[]) => media.slice(0, media.lastIndexOf('/') + 1) + parts.join('.');
  const forged = [
    visit(media),
    visit(media, { headers: { cookie: theirs.cookie } }),
    visit(theirs.media, { headers: { cookie } }),
    visit(media, { headers: { cookie: `${cookie}x` } }),
    visit(media, { headers: { cookie: cookie.replace(/\.\d+\./, `.${clock.at + 9_999_999}.`) } }),
    visit(address(id, String(Number(until) + 1), mac), { headers: { cookie } }),
    visit(address('A'.repeat(22), until, mac), { headers: { cookie } }),
    visit(address(id, until, `${mac.slice(0, -2)}AA`), { headers: { cookie } }),
    visit(address(id, until), { headers: { cookie } }),
    visit(address(id, until, mac, 'x'), { headers: { cookie } }),
    visit(address(''), { headers: { cookie } }),
  ];
  expect((await Promise.all(forged)).map(({ status }) => status)).toEqual(forged.map(() => 404));
  expect((await get()).status).toBe(200);
  clock.at += 15 * 60_000;
  expect((await get()).status).toBe(404);
  expect(owner.accountId).not.toBe(other.accountId);
});

test.each<[string, (app: App, of: { accountId: string; keyId: string; video: string }) => Promise<unknown>]>([
  ['the account is being deleted', (app, { accountId: _id }) => app.models.accounts.updateOne({ _id }, { status: 'erasing' })],
  ['the account is gone', (app, { accountId: _id }) => app.models.accounts.deleteOne({ _id })],
  ['its key is destroyed', (app, { keyId: _id }) => app.models.keys.deleteOne({ _id })],
  ['the video was deleted', (app, { video: _id }) => app.models.generations.updateOne({ _id }, { 'removed.video': new Date() })],
  ['the video’s object is missing', (app, { video }) => app.storage.remove([`videos/${video}.mp4`])],
  ['the link was withdrawn', (app, { accountId, video }) => endDownloads(app, [accountId], video)],
])('the link is dead at once when %s', async (_, end) => {
  const { app, get, owner } = await open(1_000);
  expect((await get()).status).toBe(200);
  await end(app, owner);
  expect((await get()).status).toBe(404);
});

test('a changed bit ends the answer behind the frames before it', async () => {
  const { app, bytes, get, lines, owner } = await open(3 * MIB);
  await tamper(app, `videos/${owner.video}.mp4`, (stored) => {
    stored.writeUInt8(stored.readUInt8(stored.length - 2 * MIB) ^ 1, stored.length - 2 * MIB);
    return stored;
  });
  const broken = await get();
  expect([broken.status, broken.isWhole]).toEqual([200, false]);
  expect(broken.body.equals(bytes.subarray(0, MIB))).toBe(true);
  await vi.waitFor(() => expect(lines.join('')).toContain('an answer broke off'));
  expect(lines.join('')).toContain('Unreadable');
});

test('a player that goes away in the middle is no fault, and nothing told in the link is ever logged', async () => {
  const { cookie, get, lines, link, media } = await open(16 * MIB);
  await new Promise<void>((resolve) => {
    const sent = request(media, { headers: { cookie }, agent: false }, (response) => response.once('data', () => sent.destroy()));
    sent.on('error', () => {}).on('close', resolve);
    sent.end();
  });
  expect((await get({ range: 'bytes=0-1' })).body.length).toBe(2);
  const logged = lines.join('');
  expect(logged).not.toContain('broke off');
  for (const secret of [link.id, link.code, cookie.slice(2), media.slice(media.lastIndexOf('.') + 1)]) {
    expect(logged).not.toContain(secret);
  }
});

test('an archive is a file to keep, and the access log tells once that it was fetched', async () => {
  const { app, keys, clock, owner } = await open(1_000);
  const zip = randomBytes(2 * MIB);
  const size = await app.storage.write('archives/a.1', Readable.from([zip], { objectMode: false }), keys.objectsKey, {
    purpose: 'archive',
  });
  const times = { createdAt: new Date(clock.at), expiresAt: new Date(clock.at + 3_600_000) };
  const { accountId, keyId } = owner;
  await app.models.archives.create({
    _id: 'a',
    accountId,
    keyId,
    rev: 0,
    state: 'ready',
    content: 'all',
    place: keys.seal({ collection: 'archives', id: 'a', path: 'place' }, '{}'),
    tries: 0,
    leftovers: [],
    object: 'a.1',
    size,
    ...times,
  });
  const offered = await offerDownload(app, { accountId, keyId, what: 'archive', target: 'a', livesMs: 3_600_000, at: clock.at });
  const { cookie, media, shown } = await enter(offered?.url ?? '', offered?.code ?? '');
  expect(shown.body.toString()).not.toContain('<video');
  const fetched = () => app.models.privacyEvents.countDocuments({ accountId, action: 'archive_fetched', actor: 'person' });
  await visit(media, { method: 'HEAD', headers: { cookie } });
  expect(await fetched()).toBe(0);
  const { headers, body } = await visit(media, { headers: { cookie } });
  expect(body.equals(zip)).toBe(true);
  expect(headers).toMatchObject({
    'content-type': 'application/zip',
    'content-disposition': 'attachment; filename="lpm-ai-export.zip"',
  });
  await visit(media, { headers: { cookie, range: 'bytes=0-9' } });
  expect(await fetched()).toBe(1);
  await app.models.archives.updateOne({ _id: 'a' }, { state: 'gone' });
  expect((await visit(media, { headers: { cookie } })).status).toBe(404);
});
