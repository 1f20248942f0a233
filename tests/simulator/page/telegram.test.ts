import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStageWithBrowser, seaPicture } from './stage.ts';

const picture = { name: 'sea.png', mimeType: 'image/png', buffer: await seaPicture() };
let stage: Awaited<ReturnType<typeof openStageWithBrowser>>;

beforeAll(async () => {
  stage = await openStageWithBrowser();
});
afterAll(() => stage.close());

test('words are answered, a press makes the same bubble a video, and it can be downloaded', async () => {
  const { page, telegram, complaints } = await stage.visit();
  await telegram.line.fill('a fox <b>in</b> the rain');
  await telegram.line.press('Enter');
  await telegram.last.getByText('Queued: a fox <b>in</b> the rain').waitFor();
  await telegram.press('Finish');
  await telegram.video.waitFor();
  expect(await telegram.messages.count()).toBe(2);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    telegram.root.getByRole('link', { name: 'Download clip.mp4' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('clip.mp4');
  expect(complaints).toEqual([]);
});

test('a chosen picture is previewed and sent with its caption', async () => {
  const { telegram } = await stage.visit();
  await telegram.root.getByLabel('Picture to attach').setInputFiles(picture);
  await telegram.root.getByText('sea.png').waitFor();
  await telegram.line.fill('make it wave');
  await telegram.line.press('Enter');
  await telegram.last.getByText('Got a picture: make it wave').waitFor();
  await telegram.root.getByAltText(/^Picture /).waitFor();
  expect(await telegram.root.getByRole('button', { name: 'Remove the picture' }).isVisible()).toBe(false);
});

test.each(['drop', 'paste'])('a picture can be attached by %s', async (event) => {
  const { page, telegram } = await stage.visit();
  await page.evaluate(`(() => {
    const given = new DataTransfer();
    given.items.add(new File([Uint8Array.from(atob('${picture.buffer.toString('base64')}'), (letter) => letter.charCodeAt(0))], 'sea.png', { type: 'image/png' }));
    const line = document.querySelector('#telegram-line');
    const event = '${event}' === 'drop' ? new DragEvent('drop', { dataTransfer: given, bubbles: true, cancelable: true }) : new ClipboardEvent('paste', { clipboardData: given, bubbles: true, cancelable: true });
    line.dispatchEvent(event);
  })()`);
  await telegram.root.getByText('sea.png').waitFor();
  await telegram.line.fill('here');
  await telegram.press('Send');
  await telegram.last.getByText('Got a picture: here').waitFor();
});

test('what is no picture is refused with a reason', async () => {
  const { telegram } = await stage.visit();
  await telegram.root
    .getByLabel('Picture to attach')
    .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await telegram.root.getByRole('alert').getByText('notes.txt is not a picture.').waitFor();
});

test('a chosen command is sent at once', async () => {
  const { telegram } = await stage.visit();
  await telegram.press('Show the commands');
  await telegram.root.getByRole('option', { name: '/balance' }).click();
  await telegram.last.getByText('38 credits').waitFor();
});

test('the bot is seen typing', async () => {
  const { telegram } = await stage.visit();
  await telegram.line.fill('ponder');
  await telegram.line.press('Enter');
  await telegram.last.getByText('typing', { exact: true }).waitFor();
});
