import { expect, test } from 'vitest';
import type { App } from '../../../core/app.ts';
import type { Sends } from '../../../core/chat.ts';
import { removeArchives } from '../../../core/privacy/archives.ts';
import { run } from '../../../workers/export.ts';
import { openStored, runToEnd, shareExports, storedOf, storeVideo } from '../../support/archives.ts';
import { readArchiveZip } from '../../support/zip.ts';

const openExport = shareExports();

interface Doomed {
  app: App;
  sends: Sends;
  /** Which act it died at. */
  died?: string;
}

/** The same app in a process that dies at its act number `at`: before the act, or when it is done and its answer is lost. */
function doomed(app: App, sends: Sends, at: number, isDone: boolean): Doomed {
  let acts = 0;
  let isDead = false;
  const result: Doomed = { app, sends };
  async function act<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (isDead) throw new Error('dead');
    const isLast = acts++ === at;
    if (!isLast) return work();
    isDead = true;
    result.died = name;
    if (isDone) await work();
    throw new Error('dead');
  }
  const { storage } = app;
  const archives = new Proxy(app.models.archives, {
    get(model, name, receiver) {
      if (name !== 'findOneAndUpdate') return Reflect.get(model, name, receiver);
      return (filter: object, update: object, options: object) => ({
        lean: () => act('note', async () => model.findOneAndUpdate(filter, update, options).lean()),
      });
    },
  });
  const send = sends.telegram;
  return Object.assign(result, {
    app: {
      ...app,
      models: { ...app.models, archives },
      storage: {
        ...storage,
        write: (...what: Parameters<typeof storage.write>) => act('write', () => storage.write(...what)),
        remove: (...what: Parameters<typeof storage.remove>) => act('remove', () => storage.remove(...what)),
      },
    },
    sends: { telegram: (...what: Parameters<NonNullable<typeof send>>) => act('send', async () => send?.(...what) ?? {}) },
  });
}

test('a process that dies before or after any step of its leaves one object and one telling', { timeout: 120_000 }, async () => {
  const { app, account, ask, clock, sends, sendings } = await openExport();
  await storeVideo(app, account, 'g1', Buffer.from('a-video'));
  const deaths: string[] = [];
  for (const isDone of [false, true]) {
    for (let at = 0; ; at++) {
      sendings.length = 0;
      const id = await ask('all');
      const victim = doomed(app, sends, at, isDone);
      await run(victim.app, victim.sends, id).catch(() => undefined);
      const noted = await app.models.archives.findById(id, { state: 1 }).lean();
      const sentBefore = sendings.length;
      clock.at += 20_001;
      await runToEnd(clock, () => run(app, sends, id));
      const archive = await app.models.archives.findById(id).lean();
      const where = `${isDone ? 'after' : 'before'} ${victim.died} (${at})`;
      expect(archive?.state, where).toBe('ready');
      expect(await storedOf(app, id), where).toEqual([`archives/${archive?.object}`]);
      // Only what was sent and not noted is sent once more, under the same key.
      expect(sentBefore, where).toBeLessThanOrEqual(1);
      expect(sendings.length - sentBefore, where).toBe(noted?.state === 'ready' ? 0 : 1);
      expect(new Set(sendings.map(({ options }) => options.key)).size, where).toBe(1);
      await readArchiveZip(await openStored(app, id));
      await removeArchives(app, [account.id]);
      if (!victim.died) break;
      deaths.push(where);
    }
  }
  expect(deaths.length).toBeGreaterThan(10);
  for (const name of ['note', 'write', 'send', 'remove'])
    expect(deaths.filter((one) => one.includes(name)).length).toBeGreaterThan(1);
});
