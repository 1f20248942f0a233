import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createStarsRail } from '../../../bots/telegram/index.ts';
import type { StarTransaction } from '../../../core/payments/rail.ts';
import { badRequest } from '../../../simulator/telegram/index.ts';
import { buildTelegram } from './building.ts';

const MONTH = 2_592_000;

type Simulated = Awaited<ReturnType<typeof buildTelegram>>;

async function call(telegram: Simulated, method: string, fields: object): Promise<unknown> {
  const response = await fetch(`${telegram.url}/bot${telegram.token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  });
  return ((await response.json()) as { result: unknown }).result;
}

/** Somebody has paid `count` invoices; gives back the charges. */
async function buildPayments(telegram: Simulated, count: number, period?: number) {
  const ada = telegram.person({ acquainted: true });
  const offer = { title: 'x', description: 'x', payload: 'order-1', currency: 'XTR', prices: [{ label: 'x', amount: 50 }] };
  const url = await call(telegram, 'createInvoiceLink', { ...offer, ...(period && { subscription_period: period }) });
  const reply_markup = { inline_keyboard: [[{ text: 'Pay', url }]] };
  await call(telegram, 'sendMessage', { chat_id: ada.chat, text: 'x', reply_markup });
  for (let paid = 0; paid < count; paid += 1) {
    ada.pay(ada.messages()[0]?.id ?? '');
    const asked = telegram.pending().find(({ pre_checkout_query }) => pre_checkout_query)?.pre_checkout_query;
    await call(telegram, 'answerPreCheckoutQuery', { pre_checkout_query_id: asked?.id, ok: true });
    await call(telegram, 'getUpdates', { offset: (telegram.pending().at(-1)?.update_id ?? 0) + 1 });
  }
  return { user: String(ada.user.id), ada, charges: telegram.stars.charges().map(({ id }) => id) };
}

const railOf = ({ token, url }: Simulated) => createStarsRail({ token, apiRoot: url });

test('gives Stars back, and counts what was given back before as given back', async () => {
  const telegram = await buildTelegram();
  const { user, charges } = await buildPayments(telegram, 1);
  const rail = railOf(telegram);
  await rail.refund(user, charges[0] ?? '');
  await rail.refund(user, charges[0] ?? '');
  const refunds = telegram.calls.filter(({ method }) => method === 'refundStarPayment');
  expect(refunds.map(({ error }) => error?.description)).toEqual([undefined, 'Bad Request: CHARGE_ALREADY_REFUNDED']);
});

test('does not count a refund that Telegram refused, nor tell the token', async () => {
  const telegram = await buildTelegram();
  const failure: unknown = await railOf(telegram)
    .refund('7', 'stx-unknown')
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'telegram_400', message: expect.stringContaining('CHARGE_ID_INVALID') });
  telegram.forced.push({ method: 'refundStarPayment', answer: 'break before' });
  const broken: unknown = await railOf(telegram)
    .refund('7', 'stx-unknown')
    .catch((error: unknown) => error);
  expect(broken).toBeInstanceOf(Error);
  expect(inspect([failure, broken], { depth: 9, showHidden: true })).not.toContain(telegram.token);
});

test('lists payments and what became of them, chargebacks too', async () => {
  const telegram = await buildTelegram({ now: () => 1_700_000_000_000 });
  const { user, charges } = await buildPayments(telegram, 2);
  telegram.stars.chargeBack(charges[0] ?? '');
  const base = { stars: 50, order: 'order-1', user, at: 1_700_000_000_000 };
  expect(await railOf(telegram).transactions(0)).toEqual([
    { ...base, charge: charges[0], kind: 'payment' },
    { ...base, charge: charges[1], kind: 'payment' },
    { ...base, charge: charges[0], kind: 'refund' },
  ]);
  expect(await railOf(telegram).transactions(2)).toMatchObject([{ charge: charges[0], kind: 'refund' }]);
  expect(await railOf(telegram).transactions(3)).toEqual([]);
});

test('pages over withdrawals without losing or repeating a payment', async () => {
  const telegram = await buildTelegram();
  const { charges } = await buildPayments(telegram, 1, MONTH);
  for (let count = 1; count < 233; count += 1) {
    if (count % 2 === 1) telegram.stars.withdraw(1);
    telegram.stars.renew(charges[0] ?? '');
  }
  const rail = railOf(telegram);
  const pages: StarTransaction[][] = [];
  do pages.push(await rail.transactions(pages.flat().length));
  while (pages.at(-1)?.length !== 0);
  expect(pages.map(({ length }) => length)).toEqual([100, 100, 33, 0]);
  expect(pages.flat().map(({ charge }) => charge)).toEqual(telegram.stars.charges().map(({ id }) => id));
});

test('ends and resumes a subscription', async () => {
  const telegram = await buildTelegram();
  const { user, charges } = await buildPayments(telegram, 1, MONTH);
  const [first = ''] = charges;
  const rail = railOf(telegram);
  await rail.cancelSubscription(user, first, true);
  expect(() => telegram.stars.renew(first)).toThrow('cancelled');
  await rail.cancelSubscription(user, first, false);
  expect(telegram.stars.renew(first).offer.payload).toBe('order-1');
  telegram.forced.push({ method: 'editUserStarSubscription', answer: badRequest('CHARGE_ID_INVALID') });
  await expect(rail.cancelSubscription(user, first, true)).rejects.toMatchObject({ code: 'telegram_400' });
});
