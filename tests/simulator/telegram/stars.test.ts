import { describe, expect, it } from 'vitest';
import { CHECKOUT_MS } from '../../../simulator/telegram/stars/checkout.ts';
import { INVOICE_LIMITS } from '../../../simulator/telegram/stars/invoices.ts';
import { limits } from '../../support/telegram-schema.ts';
import { refusal, type Scene, scene, stoppedClock } from './setup.ts';

const MONTH = 2_592_000;
const pack = [{ label: 'Pack', amount: 250 }];

/** A scene with a person that the bot may write to. */
async function met(options: Parameters<typeof scene>[0] = {}) {
  const clock = stoppedClock();
  const made = await scene({ now: clock.now, timer: clock.timer, ...options });
  const person = made.telegram.person({ acquainted: true });
  return { ...made, clock, person };
}

type Person = ReturnType<Scene['telegram']['person']>;

async function invoice({ api }: Scene, person: Person, startParameter = 'buy'): Promise<string> {
  const words = { provider_token: '', ...(startParameter && { start_parameter: startParameter }) };
  const { message_id } = await api.sendInvoice(person.chat, 'Pack', '100 credits', 'order-1', 'XTR', pack, words);
  return String(message_id);
}

/** Answers the questions that wait with yes, and gives back the news that follow. */
async function agree({ api }: Scene, offset = 0) {
  const asked = await api.getUpdates({ offset });
  for (const { pre_checkout_query: query } of asked) if (query) await api.answerPreCheckoutQuery(query.id, true);
  return api.getUpdates({ offset: (asked.at(-1)?.update_id ?? 0) + 1 });
}

async function pay(made: Scene, person: Person, message: string) {
  person.pay(message);
  const news = await agree(made);
  await made.api.getUpdates({ offset: (news.at(-1)?.update_id ?? 0) + 1 });
  return news.flatMap(({ message: told }) => told?.successful_payment ?? []);
}

describe('Telegram Stars in the simulated Telegram', () => {
  it('ask the bot first, then tell of the payment', async () => {
    const made = await met();
    const message = await invoice(made, made.person);
    expect(made.person.messages()[0]).toMatchObject({
      text: 'Pack\n100 credits',
      invoice: { title: 'Pack', description: '100 credits', price: '250 Stars', paid: false },
    });
    made.person.pay(message);
    expect(made.telegram.pending()).toMatchObject([
      {
        pre_checkout_query: { currency: 'XTR', total_amount: 250, invoice_payload: 'order-1', from: { id: made.person.user.id } },
      },
    ]);
    expect(made.telegram.stars.charges()).toEqual([]);
    const [news] = await agree(made);
    const [charge] = made.telegram.stars.charges();
    expect(news?.message).toMatchObject({
      chat: { id: made.person.chat },
      from: { id: made.person.user.id },
      successful_payment: { total_amount: 250, invoice_payload: 'order-1', telegram_payment_charge_id: charge?.id },
    });
    expect(made.person.messages().map(({ text, invoice: shown }) => [text, shown?.paid])).toEqual([
      ['Pack\n100 credits', true],
      ['You paid 250 Stars.', undefined],
    ]);
    expect(made.complaints).toEqual([]);
  });

  it('do not move when the bot says no, or nothing for ten seconds', async () => {
    const made = await met();
    const message = await invoice(made, made.person);
    made.person.pay(message);
    const [first] = await made.api.getUpdates();
    await made.api.answerPreCheckoutQuery(first?.pre_checkout_query?.id ?? '', false, { error_message: 'Sold out' });
    expect(made.person.notices).toMatchObject([{ text: 'Sold out', alert: true }]);
    expect(made.person.messages()[0]?.invoice).toMatchObject({ paid: false, problem: 'Sold out' });
    made.person.pay(message);
    const [, second] = await made.api.getUpdates();
    made.clock.advance(CHECKOUT_MS);
    const late = made.api.answerPreCheckoutQuery(second?.pre_checkout_query?.id ?? '', true);
    expect(await refusal(late)).toBe('400 Bad Request: query is too old and response timeout expired or query ID is invalid');
    expect(made.person.messages()[0]?.invoice?.problem).toContain('not answer in time');
    expect(made.telegram.stars.charges()).toEqual([]);
    expect(await refusal(made.api.answerPreCheckoutQuery('1', false))).toBe(
      '400 Bad Request: parameter "error_message" is required',
    );
  });

  it('do not move when the bot asked for no questions', async () => {
    const made = await met();
    await made.api.getUpdates({ allowed_updates: ['message'] });
    made.person.pay(await invoice(made, made.person));
    expect(made.telegram.pending()).toEqual([]);
    made.clock.advance(CHECKOUT_MS);
    expect(made.telegram.stars.charges()).toEqual([]);
  });

  it('are new Stars when an old invoice is paid again', async () => {
    const made = await met();
    const message = await invoice(made, made.person);
    const payments = [...(await pay(made, made.person, message)), ...(await pay(made, made.person, message))];
    expect(payments.map(({ invoice_payload }) => invoice_payload)).toEqual(['order-1', 'order-1']);
    expect(new Set(payments.map((payment) => payment.telegram_payment_charge_id)).size).toBe(2);
    expect((await made.api.getMyStarBalance()).amount).toBe(500);
    expect(made.complaints).toEqual([]);
  });

  it('are told of as often as the knob says', async () => {
    const made = await met();
    const message = await invoice(made, made.person);
    made.person.pay(message);
    const [asked] = await made.api.getUpdates();
    made.telegram.deliverTwice = 3;
    await made.api.answerPreCheckoutQuery(asked?.pre_checkout_query?.id ?? '', true);
    const charges = [];
    for (let offset = (asked?.update_id ?? 0) + 1, more = true; more; ) {
      const [news] = await made.api.getUpdates({ offset });
      more = news !== undefined;
      if (news) charges.push(news.message?.successful_payment?.telegram_payment_charge_id);
      offset = (news?.update_id ?? 0) + 1;
    }
    expect(charges).toEqual(Array(3).fill(made.telegram.stars.charges()[0]?.id));
  });

  it('can be paid from a forwarded copy only when the invoice has no start parameter', async () => {
    const made = await met();
    const other = made.telegram.person({ firstName: 'Ben', acquainted: true });
    const open = made.person.forward(await invoice(made, made.person, ''), other);
    const [payment] = await pay(made, other, open);
    expect(payment).toMatchObject({ invoice_payload: 'order-1' });
    expect(made.telegram.stars.charges()[0]?.user.first_name).toBe('Ben');
    const closed = made.person.forward(await invoice(made, made.person), other);
    expect(() => other.pay(closed)).toThrow('asks for no payment');
    expect(other.messages().at(-1)?.buttons).toMatchObject([[{ url: `https://t.me/${made.telegram.username}?start=buy` }]]);
    expect(() => other.forward('99', made.person)).toThrow('no message');
    expect(made.complaints).toEqual([]);
  });

  it('go back once', async () => {
    const made = await met();
    const { api, person, telegram } = made;
    await pay(made, person, await invoice(made, person));
    const charge = telegram.stars.charges()[0]?.id ?? '';
    expect(await refusal(api.refundStarPayment(person.user.id + 1, charge))).toBe('400 Bad Request: CHARGE_ID_INVALID');
    expect(await refusal(api.refundStarPayment(person.user.id, 'stx'))).toBe('400 Bad Request: CHARGE_ID_INVALID');
    await api.refundStarPayment(person.user.id, charge);
    expect(telegram.pending()).toMatchObject([
      { message: { refunded_payment: { telegram_payment_charge_id: charge, total_amount: 250, invoice_payload: 'order-1' } } },
    ]);
    expect(person.messages().at(-1)).toMatchObject({ from: 'bot', text: '250 Stars were refunded to you.' });
    expect(await refusal(api.refundStarPayment(person.user.id, charge))).toBe('400 Bad Request: CHARGE_ALREADY_REFUNDED');
    expect((await api.getMyStarBalance()).amount).toBe(0);
    expect(made.complaints).toEqual([]);
  });

  it('that an app store takes back are seen in the transactions alone', async () => {
    const made = await met();
    const { api, person, telegram } = made;
    await pay(made, person, await invoice(made, person));
    const charge = telegram.stars.charges()[0]?.id ?? '';
    telegram.stars.chargeBack(charge);
    expect(telegram.pending()).toEqual([]);
    const { transactions } = await api.getStarTransactions();
    expect(transactions).toMatchObject([
      { id: charge, amount: 250, source: { type: 'user', transaction_type: 'invoice_payment', invoice_payload: 'order-1' } },
      { id: charge, amount: 250, receiver: { type: 'user', user: { id: person.user.id } } },
    ]);
    expect(await refusal(api.refundStarPayment(person.user.id, charge))).toBe('400 Bad Request: CHARGE_ALREADY_REFUNDED');
    expect(made.complaints).toEqual([]);
  });

  it('are listed by pages, oldest first', async () => {
    const made = await met();
    const message = await invoice(made, made.person);
    for (let count = 0; count < 3; count += 1) await pay(made, made.person, message);
    const ids = made.telegram.stars.charges().map(({ id }) => id);
    const page = async (offset: number, limit: number) =>
      (await made.api.getStarTransactions({ offset, limit })).transactions.map(({ id }) => id);
    expect([await page(0, 2), await page(2, 2), await page(3, 2)]).toEqual([ids.slice(0, 2), ids.slice(2), []]);
    expect(await refusal(made.api.getStarTransactions({ limit: 101 }))).toBe('400 Bad Request: LIMIT_INVALID');
    expect(await refusal(made.api.getStarTransactions({ offset: -1 }))).toBe('400 Bad Request: OFFSET_INVALID');
  });

  it('hold the lengths the documentation gives, and one price in Stars', async () => {
    const { api, person } = await met();
    for (const [name, most] of Object.entries(INVOICE_LIMITS)) expect(limits[`sendInvoice.${name}`]?.max).toBe(most);
    const send = (title: string, about = 'x', payload = 'x', currency = 'XTR', prices = pack, start = '') =>
      refusal(api.sendInvoice(person.chat, title, about, payload, currency, prices, { start_parameter: start }));
    expect(await send('x'.repeat(32), 'x'.repeat(255), 'é'.repeat(64))).toBe('accepted');
    expect(await send('')).toBe('400 Bad Request: parameter "title" is required');
    expect(await send('x'.repeat(33))).toBe('400 Bad Request: INVOICE_TITLE_INVALID');
    expect(await send('x', 'x'.repeat(256))).toBe('400 Bad Request: INVOICE_DESCRIPTION_INVALID');
    expect(await send('x', 'x', 'é'.repeat(65))).toBe('400 Bad Request: INVOICE_PAYLOAD_INVALID');
    expect(await send('x', 'x', 'x', 'USD')).toBe('400 Bad Request: STARS_INVOICE_INVALID');
    expect(await send('x', 'x', 'x', 'XTR', [...pack, ...pack])).toBe('400 Bad Request: STARS_INVOICE_INVALID');
    const amount = (stars: number) => send('x', 'x', 'x', 'XTR', [{ label: 'x', amount: stars }]);
    expect([await amount(0), await amount(100_001)]).toEqual(Array(2).fill('400 Bad Request: CURRENCY_TOTAL_AMOUNT_INVALID'));
    expect(await send('x', 'x', 'x', 'XTR', pack, 'a b')).toBe('400 Bad Request: START_PARAM_INVALID');
    const token = api.sendInvoice(person.chat, 'x', 'x', 'x', 'XTR', pack, { provider_token: 'a:b' });
    expect(await refusal(token)).toBe('400 Bad Request: PAYMENT_PROVIDER_INVALID');
  });

  it('have a Pay button first, and only at an invoice', async () => {
    const { api, person } = await met();
    const keyboard = (...rows: object[][]) => ({ reply_markup: { inline_keyboard: rows as never } });
    const [pays, other] = [
      { text: 'Pay ⭐', pay: true },
      { text: 'Help', callback_data: 'help' },
    ];
    const send = (...rows: object[][]) => refusal(api.sendInvoice(person.chat, 'x', 'x', 'x', 'XTR', pack, keyboard(...rows)));
    expect(await send([pays, other])).toBe('accepted');
    expect(person.messages()[0]?.buttons).toMatchObject([[{ id: '0.1', label: 'Help' }]]);
    const wrong = [await send([other, pays]), await send([other]), await send([pays], [pays])];
    expect(wrong).toEqual(Array(3).fill('400 Bad Request: BUTTON_POS_INVALID'));
    expect(await refusal(api.sendMessage(person.chat, 'x', keyboard([pays])))).toBe('400 Bad Request: BUTTON_POS_INVALID');
  });
});

describe('a subscription in Stars', () => {
  async function subscribed() {
    const made = await met();
    const { api, person } = made;
    const monthly = { subscription_period: MONTH };
    const link = await api.createInvoiceLink('Plus', '500 credits a month', 'order-2', '', 'XTR', pack, monthly);
    const reply_markup = { inline_keyboard: [[{ text: 'Subscribe', url: link }]] };
    const { message_id } = await api.sendMessage(person.chat, 'Plans', { reply_markup });
    expect(person.messages()[0]?.invoice).toMatchObject({ title: 'Plus', price: '250 Stars a month', paid: false });
    const [payment] = await pay(made, person, String(message_id));
    return { ...made, payment, first: payment?.telegram_payment_charge_id ?? '' };
  }

  it('begins by a link, and each period is another payment', async () => {
    const { telegram, clock, payment, first, complaints, api } = await subscribed();
    const end = Math.floor(clock.now() / 1000) + MONTH;
    expect(payment).toMatchObject({ is_recurring: true, is_first_recurring: true, subscription_expiration_date: end });
    clock.advance(MONTH * 1000);
    const renewed = telegram.stars.renew(first);
    const [news] = await api.getUpdates();
    expect(news?.message?.successful_payment).toMatchObject({
      is_recurring: true,
      subscription_expiration_date: end + MONTH,
      telegram_payment_charge_id: renewed.id,
      invoice_payload: 'order-2',
    });
    expect(news?.message?.successful_payment).not.toHaveProperty('is_first_recurring');
    expect(renewed.id).not.toBe(first);
    expect(complaints).toEqual([]);
  });

  it('is not renewed once the bot or the person has cancelled it, until both want it again', async () => {
    const { telegram, api, person, first, complaints } = await subscribed();
    await api.editUserStarSubscription(person.user.id, first, true);
    expect(() => telegram.stars.renew(first)).toThrow('cancelled');
    await api.editUserStarSubscription(person.user.id, first, false);
    person.setRenewal(first, false);
    expect(() => telegram.stars.renew(first)).toThrow('cancelled');
    person.setRenewal(first, true);
    const states = telegram.pending().flatMap(({ subscription }) => subscription ?? []);
    expect(states.map(({ state, invoice_payload }) => [state, invoice_payload])).toEqual([
      ['canceled', 'order-2'],
      ['active', 'order-2'],
    ]);
    const { id } = telegram.stars.renew(first);
    expect(await refusal(api.editUserStarSubscription(person.user.id, id, true))).toBe('400 Bad Request: CHARGE_ID_INVALID');
    expect(complaints).toEqual([]);
  });

  it('lasts thirty days and costs at most 10,000 Stars', async () => {
    const { api } = await met();
    const link = (amount: number, subscription_period: number) =>
      refusal(api.createInvoiceLink('x', 'x', 'x', '', 'XTR', [{ label: 'x', amount }], { subscription_period }));
    expect(await link(10_000, MONTH)).toBe('accepted');
    expect(await link(10_001, MONTH)).toBe('400 Bad Request: CURRENCY_TOTAL_AMOUNT_INVALID');
    expect(await link(100, 86_400)).toBe('400 Bad Request: SUBSCRIPTION_PERIOD_INVALID');
  });
});
