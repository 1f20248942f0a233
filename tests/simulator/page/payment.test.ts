import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStageWithBrowser } from './stage.ts';

let stage: Awaited<ReturnType<typeof openStageWithBrowser>>;
type Visit = Awaited<ReturnType<typeof stage.visit>>;

beforeAll(async () => {
  stage = await openStageWithBrowser();
});
afterAll(() => stage.close());

async function say({ telegram }: Visit, words: string): Promise<void> {
  await telegram.line.fill(words);
  await telegram.line.press('Enter');
}

const sheetOf = ({ page }: Visit) => page.getByRole('dialog', { name: 'Confirm the payment' });

test('an invoice is paid by its button and a confirmation, and is seen to be paid', async () => {
  const visit = await stage.visit();
  const { telegram, complaints } = visit;
  await say(visit, 'buy order-1');
  await telegram.last.getByText('Pack S').waitFor();
  await telegram.press('Pay 250 Stars');
  const sheet = sheetOf(visit);
  await sheet.getByText('100 credits').waitFor();
  await sheet.getByRole('button', { name: 'Confirm and pay 250 Stars' }).click();
  await telegram.root.getByText('Paid', { exact: true }).waitFor();
  await telegram.last.getByText('Thank you').waitFor();
  await telegram.root.getByText('You paid 250 Stars.').waitFor();
  expect(await telegram.root.getByRole('button', { name: 'Pay 250 Stars' }).count()).toBe(0);
  expect(await sheet.count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('nothing is paid without the confirmation', async () => {
  const visit = await stage.visit();
  await say(visit, 'buy order-2');
  await visit.telegram.press('Pay 250 Stars');
  await sheetOf(visit).getByRole('button', { name: 'Cancel' }).click();
  await visit.telegram.press('Pay 250 Stars');
  await visit.page.keyboard.press('Escape');
  expect(await sheetOf(visit).count()).toBe(0);
  expect(visit.persons.telegram.messages().at(-1)?.invoice).toMatchObject({ paid: false });
});

test('the person reads why a payment failed, and may try again', async () => {
  const visit = await stage.visit();
  await say(visit, 'buy sold');
  await visit.telegram.press('Pay 250 Stars');
  await sheetOf(visit)
    .getByRole('button', { name: /^Confirm/ })
    .click();
  await visit.telegram.root.getByText('This was paid before.').waitFor();
  await visit.telegram.root.getByRole('button', { name: 'Pay 250 Stars' }).waitFor();
});

test('a link to a subscription asks for its confirmation, any other link opens a tab of its own', async () => {
  const visit = await stage.visit();
  const { telegram, complaints } = visit;
  await say(visit, 'plans');
  await telegram.press('Subscribe');
  await sheetOf(visit).getByRole('button', { name: 'Confirm and pay 900 Stars a month' }).click();
  await telegram.last.getByText('Thank you').waitFor();
  await telegram.root.getByText('Paid', { exact: true }).waitFor();
  const link = telegram.root.getByRole('link', { name: 'By card' });
  expect(await link.evaluate((a) => [a.getAttribute('href'), a.getAttribute('target'), a.getAttribute('rel')])).toEqual([
    'https://example.test/pay/1',
    '_blank',
    'noopener noreferrer',
  ]);
  expect(complaints).toEqual([]);
});
