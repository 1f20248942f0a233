import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStageWithBrowser, seaPicture } from './stage.ts';

const picture = { name: 'sea.png', mimeType: 'image/png', buffer: await seaPicture() };
let stage: Awaited<ReturnType<typeof openStageWithBrowser>>;

beforeAll(async () => {
  stage = await openStageWithBrowser();
});
afterAll(() => stage.close());

test('a slash command is sent with its options and its answer appears', async () => {
  const { discord } = await stage.visit();
  await discord.line.fill('/gen');
  await discord.root.getByRole('option', { name: '/generate' }).click();
  await discord.root.getByLabel('prompt').fill('a whale above the clouds');
  await discord.root.getByLabel('style').selectOption('Neon');
  await discord.root.getByLabel('seconds').fill('4');
  await discord.press('Send');
  await discord.last.getByText('Queued: a whale above the clouds, neon, 4').waitFor();
  await discord.messages.first().getByText('a whale above the clouds').waitFor();
});

test('a press of a button edits the message where it stands, up to a video that plays on through edits', async () => {
  const { page, discord, complaints } = await stage.visit();
  await discord.root.getByRole('button', { name: '/generate' }).click();
  await discord.press('Start');
  await discord.last.getByText('Making it: 50 %').waitFor();
  await discord.press('Finish');
  await discord.video.waitFor();
  expect(await discord.messages.count()).toBe(2);
  await page.evaluate(`new Promise((resolve, reject) => {
    const video = document.querySelector('#discord video');
    video.onerror = () => reject(new Error(video.error.message));
    video.ontimeupdate = () => video.currentTime > 0.2 && resolve();
    video.loop = true;
    video.play().catch(reject);
  })`);
  await discord.press('Add a note');
  await discord.last.getByText('Here it is, with a note').waitFor();
  expect(
    await page.evaluate(
      `(() => { const video = document.querySelector('#discord video'); return [video.paused, video.loop, video.videoWidth]; })()`,
    ),
  ).toEqual([false, true, 160]);
  expect(complaints).toEqual([]);
});

test('an answer for one person says so, and a waiting one says that the bot is thinking', async () => {
  const { discord } = await stage.visit();
  await discord.root.getByRole('button', { name: '/balance' }).click();
  await discord.last.getByText('Only you can see this').waitFor();
  await discord.line.fill('/ponder');
  await discord.line.press('Enter');
  await discord.press('Send');
  await discord.last.getByText('LPM AI is thinking…').waitFor();
});

test('a sub-command is found by its words, sent with its options, and its file can be saved', async () => {
  const { discord, complaints } = await stage.visit();
  await discord.line.fill('/data');
  expect(await discord.root.getByRole('option').allTextContents()).toEqual([
    '/data showWhat is kept',
    '/data exportTake it with you',
  ]);
  await discord.line.fill('/data ex');
  await discord.line.press('Enter');
  await discord.root.getByLabel('note').fill('for my records');
  await discord.press('Send');
  const figure = discord.last.locator('figure.file');
  await figure.getByText('export.zip').waitFor();
  expect(await figure.getByRole('link', { name: 'Download export.zip' }).getAttribute('download')).toBe('export.zip');
  expect(await figure.locator('img, video').count()).toBe(0);
  const sent = discord.messages.first().locator('.command-line');
  expect(await sent.locator('b').textContent()).toBe('/data export');
  expect(await sent.locator('.given').allTextContents()).toEqual(['notefor my records']);
  await discord.line.fill('/data show ');
  await discord.press('Send');
  await discord.last.getByText('show.zip').waitFor();
  expect(complaints).toEqual([]);
});

test('a picture travels as an option', async () => {
  const { discord } = await stage.visit();
  await discord.line.fill('/animate ');
  await discord.root.getByLabel('image').setInputFiles(picture);
  await discord.press('Send');
  await discord.last.getByText(`Got sea.png of ${picture.buffer.length} bytes`).waitFor();
});

test('plain words are not sent, and the person reads why', async () => {
  const { discord, persons } = await stage.visit();
  await discord.line.fill('hello');
  await discord.line.press('Enter');
  await discord.root.getByRole('alert').getByText('Type / to choose a command').waitFor();
  expect(persons.discord.messages()).toEqual([]);
});

test('what is for sale shows its price and is bought by a press, and the person reads why it is not sold twice', async () => {
  const { discord, complaints } = await stage.visit();
  await discord.line.fill('/buy');
  await discord.line.press('Enter');
  await discord.press('Send');
  const premium = discord.root.getByRole('button', { name: 'Small pack $4.99' });
  await premium.click();
  await discord.last.getByText('Thank you, the credits are yours').waitFor();
  await discord.root.locator('.press.premium:not([aria-busy])').click();
  await discord.root.getByRole('alert').getByText('You already own Small pack').waitFor();
  expect(complaints.filter((words) => !words.includes('400'))).toEqual([]);
});

test('a link opens in a new tab', async () => {
  const { page, discord, persons } = await stage.visit();
  persons.discord.command('buy');
  const opened = page.context().waitForEvent('page');
  await discord.root.getByRole('link', { name: 'Pay by card' }).click();
  await (await opened).waitForURL('**/gateway');
  expect(await discord.root.getByRole('link', { name: 'Pay by card' }).getAttribute('rel')).toBe('noopener noreferrer');
});
