import { type Account, openAccount } from '../../core/accounts.ts';
import type { App } from '../../core/app.ts';
import type { Place } from '../../core/chat.ts';
import { putMedia } from '../../core/generations/objects.ts';
import { askArchive } from '../../core/privacy/archives.ts';
import { ARCHIVE_CONTEXT, keysOfArchive, objectKey } from '../../core/privacy/export/archive.ts';
import type { Again } from '../../core/queue.ts';
import { openApp, shareApp } from './app.ts';
import { createScriptedProvider } from './provider.ts';
import { buildRequest } from './requests.ts';
import { recordSends } from './sends.ts';
import { newClock } from './shop.ts';

let people = 4_000;
/** The time of every app here; it only goes forward. */
const clock = newClock();

/** One app for all tests of a file. */
export const shareArchives = () =>
  shareApp(async () => ({ provider: await createScriptedProvider(), now: clock.now }), { WELCOME_CREDITS: '0' });

/** Somebody new in the file's app, or in one of its own with other settings; nothing works on archives but what a test runs. */
export function shareExports() {
  const shared = shareArchives();
  const own = async (settings: Record<string, string>) =>
    openApp({ provider: await createScriptedProvider(), now: clock.now }, { WELCOME_CREDITS: '0', ...settings });
  return async (settings?: Record<string, string>) => openExport(settings ? await own(settings) : shared());
}

async function openExport(app: App) {
  people += 1;
  const user = String(people);
  const request = buildRequest({ at: clock.at }, user);
  const account = await openAccount(app, request);
  let wishes = 0;
  const ask = async (content: 'all' | 'data' = 'data', place: Place = request.place, id = `tg-${user}-${++wishes}`) =>
    (await askArchive(app, { account, place, content, at: clock.at, id })).archive._id;
  const archives = () => app.models.archives.countDocuments({ accountId: account.id });
  return { app, clock, user, account, place: request.place, ask, archives, ...recordSends() };
}

/** A finished video of an account, of which `bytes` are stored. */
export async function storeVideo(app: App, { id: accountId, keyId, keys }: Account, _id: string, bytes: Buffer): Promise<void> {
  const sealed = (path: string, plain: string) => keys.seal({ collection: 'generations', id: _id, path }, plain);
  await app.models.generations.create({
    ...{ _id, accountId, keyId, rev: 0, state: 'delivered', hasImage: false, style: 'neon', aspectRatio: '16:9', seconds: 6 },
    ...{ seed: 1, price: 12, tries: 0, video: { seconds: 6, width: 320, height: 180, size: bytes.length } },
    ...{ prompt: sealed('prompt', '"a fox"'), place: sealed('place', '{}') },
    createdAt: new Date(app.now()),
    deadlineAt: new Date(app.now()),
  });
  await putMedia(app, keys, 'video', _id, bytes);
}

/** What is stored of an archive: the names of its attempts. */
export const storedOf = async (app: App, id: string): Promise<string[]> => (await app.storage.list(`archives/${id}`)).keys;

/** The ZIP as it is stored. */
export async function openStored(app: App, id: string): Promise<Buffer> {
  const archive = await app.models.archives.findById(id).lean();
  if (!archive?.object) throw new Error('nothing is stored of it');
  const { objectsKey } = await keysOfArchive(app, archive);
  const stream = await app.storage.read(objectKey(archive.object), objectsKey, ARCHIVE_CONTEXT);
  return Buffer.concat(await stream.toArray());
}

/** Runs the steps that follow, at the time that each asks for, until one asks for none. */
export async function runToEnd(clock: { at: number }, step: () => Promise<Again | undefined>, most = 20): Promise<void> {
  for (let count = 0; count < most; count++) {
    const again = await step();
    if (!again) return;
    clock.at += again.afterMs;
  }
  throw new Error('it never came to its end');
}
