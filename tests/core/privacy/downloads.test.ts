import { expect, test } from 'vitest';
import { KeyDestroyed } from '../../../core/keys.ts';
import {
  type DownloadOffer,
  endDownloads,
  noteFetched,
  offerDownload,
  readDownload,
  tryCode,
} from '../../../core/privacy/downloads.ts';
import { openPages, ownerOf } from '../../web/visit.ts';

async function open() {
  const { app, clock } = await openPages();
  const owner = await ownerOf(app, '77');
  const offer = async (changes: Partial<DownloadOffer> = {}) => {
    const { accountId, keyId, video: target } = owner;
    const offered = await offerDownload(app, {
      accountId,
      keyId,
      what: 'video',
      target,
      livesMs: 900_000,
      at: clock.at,
      ...changes,
    });
    return { code: offered?.code ?? '', id: offered?.url.split('/d/')[1] ?? '' };
  };
  return { app, clock, owner, offer };
}

test('nothing that is stored or in the address tells the code', async () => {
  const { app, offer } = await open();
  const { code, id } = await offer();
  expect(code).toMatch(/^\d{6}$/);
  expect(id).toMatch(/^[\w-]{22}$/);
  expect(JSON.stringify(await app.models.downloads.find().lean())).not.toContain(code);
  const codes = new Set(
    await Promise.all(Array.from({ length: 10 }, async (_, n) => (await offer({ target: `other-${n}` })).code)),
  );
  expect(codes.size).toBeGreaterThan(8);
});

test('without pages nothing is offered and nothing is written', async () => {
  const { app, owner, offer } = await open();
  app.address.url = undefined;
  expect(await offer()).toEqual({ code: '', id: '' });
  expect(await app.models.downloads.countDocuments({ accountId: owner.accountId })).toBe(0);
});

test('an account that is being deleted gets no link, also when that begins at the same moment', async () => {
  const { app, owner, offer } = await open();
  const { accountId } = owner;
  await Promise.allSettled([
    ...Array.from({ length: 5 }, (_, n) => offer({ target: `t${n}` })),
    app.models.accounts.updateOne({ _id: accountId }, { status: 'erasing' }),
  ]);
  await endDownloads(app, [accountId]);
  await expect(offer()).rejects.toThrow(KeyDestroyed);
  expect(await app.models.downloads.countDocuments()).toBe(0);
});

test('only the newest link to a thing opens it', async () => {
  const { app, clock, offer } = await open();
  const [first, second] = [await offer(), await offer()];
  expect(await readDownload(app, first.id, clock.at)).toBeUndefined();
  expect(await tryCode(app, first.id, first.code, clock.at)).toEqual({ right: false, left: 0 });
  expect((await readDownload(app, second.id, clock.at))?.what).toBe('video');
});

test('links end for the accounts and the thing that are named, and for nobody else', async () => {
  const { app, clock, owner, offer } = await open();
  const other = await ownerOf(app, '78');
  const theirs = await offer({ accountId: other.accountId, keyId: other.keyId, target: other.video });
  const mine = await offer();
  await offer({ target: 'another' });
  await endDownloads(app, [owner.accountId], 'another');
  expect(await readDownload(app, mine.id, clock.at)).toBeDefined();
  await endDownloads(app, [owner.accountId]);
  await endDownloads(app, [owner.accountId]);
  expect(await readDownload(app, mine.id, clock.at)).toBeUndefined();
  expect(await readDownload(app, theirs.id, clock.at)).toBeDefined();
});

test('somebody else’s account does not open a video, whatever the link says', async () => {
  const { app, clock, offer } = await open();
  const other = await ownerOf(app, '78');
  const { id } = await offer({ target: other.video });
  expect(await readDownload(app, id, clock.at)).toBeUndefined();
});

test('a right code costs nothing however often, wrong ones add up across it, and the time ends both', async () => {
  const { app, clock, offer } = await open();
  const { code, id } = await offer();
  const wrong = code === '000000' ? '000001' : '000000';
  expect(await tryCode(app, id, wrong, clock.at)).toEqual({ right: false, left: 4 });
  for (let time = 0; time < 8; time += 1) expect(await tryCode(app, id, code, clock.at)).toEqual({ right: true, left: 4 });
  expect(await tryCode(app, id, wrong, clock.at)).toEqual({ right: false, left: 3 });
  const late = clock.at + 900_000;
  expect(await tryCode(app, id, code, late)).toEqual({ right: false, left: 0 });
  expect(await readDownload(app, id, late)).toBeUndefined();
});

test('watching a video writes nothing', async () => {
  const { app, clock, offer } = await open();
  const { id } = await offer();
  const before = await app.models.downloads.findById(id).lean();
  const found = await readDownload(app, id, clock.at);
  if (!found) throw new Error('the link is dead');
  await noteFetched(app, found, clock.at);
  expect(await app.models.downloads.findById(id).lean()).toEqual(before);
  expect(await app.models.privacyEvents.countDocuments()).toBe(0);
});
