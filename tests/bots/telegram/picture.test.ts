import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createApi } from '../../../bots/telegram/api.ts';
import { createPictures } from '../../../bots/telegram/picture.ts';
import { UserError } from '../../../core/errors.ts';
import { buildPicture, buildTelegram } from './building.ts';

async function sentPicture() {
  const telegram = await buildTelegram();
  const data = await buildPicture();
  telegram.person().sendPicture({ name: 'sea.png', data }, '');
  const file = telegram.pending()[0]?.message?.photo?.at(-1)?.file_id ?? '';
  const pictureOf = createPictures(createApi(telegram.token, telegram.url), telegram.token, telegram.url);
  return { telegram, data, file, pictureOf };
}

test('fetches the bytes of a picture', async () => {
  const { pictureOf, file, data } = await sentPicture();
  expect(await pictureOf({ file, size: data.length }).read(data.length)).toEqual(data);
});

test('refuses a picture past the limit before fetching it', async () => {
  const { telegram, pictureOf, file } = await sentPicture();
  await expect(pictureOf({ file, size: 3_000_000 }).read(2_000_000)).rejects.toThrow(/at most 2 MB. Nothing was charged/);
  expect(telegram.calls.map(({ method }) => method)).not.toContain('getFile');
});

test('stops fetching a picture that is larger than Telegram said', async () => {
  const { pictureOf, file, data } = await sentPicture();
  const reading = pictureOf({ file, size: 10 }).read(data.length - 1);
  await expect(reading).rejects.toMatchObject({ name: 'UserError', code: 'image_too_large' });
});

test('says of a picture that is too large for Telegram that it is too large', async () => {
  const { telegram, pictureOf, file } = await sentPicture();
  telegram.downloadLimit = 5;
  await expect(pictureOf({ file }).read(1_000_000)).rejects.toThrow(UserError);
});

/** An API root that answers getFile with this path, and downloads with a redirect. */
async function oddServer(file_path: string): Promise<string> {
  const server = createServer((request, response) => {
    const isCall = request.url?.endsWith('/getFile');
    if (isCall) response.end(JSON.stringify({ ok: true, result: { file_id: 'f', file_unique_id: 'u', file_path } }));
    else response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  ['follow a redirect', 'photos/1.jpg'],
  ['leave its folder', '../../elsewhere'],
  ['go without a path', ''],
])('does not %s, and keeps the token out of the error', async (_, path) => {
  const root = await oddServer(path);
  const token = '42:SECRET';
  const failure: unknown = await createPictures(
    createApi(token, root),
    token,
    root,
  )({ file: 'f' })
    .read(100)
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'TelegramFailure' });
  expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain(token);
});
