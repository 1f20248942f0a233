import { expect, test } from 'vitest';
import { listMedia, putMedia } from '../../core/generations/objects.ts';
import { createSweep } from '../../workers/sweep.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask } from '../support/requests.ts';

test('removes a picture that no generation owns, once it was met twice, and no other', async () => {
  const app = await openApp({ provider: await createScriptedProvider() });
  const { follows: id = '' } = await ask(app, { words: 'a fox' });
  const keys = app.keys.open(await app.models.keys.findOne({}).lean());
  await putMedia(app, keys, 'image', id, Buffer.from('owned'));
  await putMedia(app, keys, 'image', 'tg-left', Buffer.from('left behind'));
  const sweep = createSweep(app);
  expect(await sweep()).toBe(0);
  expect((await listMedia(app, 'image')).ids.sort()).toEqual(['tg-left', id].sort());
  expect(await sweep()).toBe(1);
  expect((await listMedia(app, 'image')).ids).toEqual([id]);
});
