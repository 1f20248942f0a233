import { setTimeout as after } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { TelegramParts } from '../../../bots/telegram/index.ts';
import type { Invoice, Reply } from '../../../core/chat.ts';
import { badRequest } from '../../../simulator/telegram/index.ts';
import { buildGate, buildInbox, buildSend, buildTelegram, echo, privately, RESULT, startBot } from './building.ts';

const soon = { timeout: 5000, interval: 5 };
const PACK: Invoice = { title: 'Pack S', description: '100 credits', order: 'order-1', stars: 250, monthly: false };

type Simulated = Awaited<ReturnType<typeof buildTelegram>>;

/** Somebody who was sent an invoice; `pay` confirms the payment in the app. */
async function buildBuyer(telegram: Simulated, invoice: Invoice = PACK) {
  const ada = telegram.person({ acquainted: true });
  await buildSend(telegram)(privately(ada), { text: ['Buy'], invoice }, RESULT);
  const asks = ada.messages().findLast((message) => message.invoice);
  return { ada, pay: () => ada.pay(asks?.id ?? '') };
}

/** Waits for nothing, except that a question before a payment is given its time. */
const impatient: TelegramParts['wait'] = (milliseconds) => after(milliseconds < 8000 ? 0 : 2000, undefined, { ref: false });

const sayings = (person: { messages(): { text: string }[] }) => person.messages().map(({ text }) => text);

test('takes a payment from the question to the core', async () => {
  const telegram = await buildTelegram();
  const { money, inbox } = await startBot(telegram);
  const { ada, pay } = await buildBuyer(telegram);
  pay();
  await vi.waitFor(() => expect(inbox.finished).toHaveLength(1), soon);
  const user = String(ada.user.id);
  expect(money.questions).toEqual([{ order: 'order-1', stars: 250, user }]);
  expect(money.paid).toEqual([{ order: 'order-1', charge: telegram.stars.charges()[0]?.id, stars: 250, user }]);
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
});

test('answers a pre-checkout within ten seconds even while other work is slow', async () => {
  const telegram = await buildTelegram();
  const gate = buildGate();
  const { asked } = await startBot(telegram, {
    answer: async (request): Promise<Reply> => {
      await gate.opened;
      return { text: [echo(request)] };
    },
  });
  const { ada, pay } = await buildBuyer(telegram);
  ada.say('a cat');
  ada.command('help');
  await vi.waitFor(() => expect(asked).toHaveLength(1), soon);
  pay();
  await ada.until(({ text }) => text === 'You paid 250 Stars.', 5000);
  pay();
  await vi.waitFor(() => expect(telegram.stars.charges()).toHaveLength(2), soon);
  expect(sayings(ada)).not.toContain('generate: a cat');
  gate.open();
  await ada.until(({ text }) => text === 'generate: a cat');
});

test('answers a pre-checkout while nothing can be stored', async () => {
  const telegram = await buildTelegram();
  const { inbox } = await startBot(telegram);
  inbox.down = true;
  const { ada, pay } = await buildBuyer(telegram);
  ada.command('help');
  pay();
  await ada.until(({ text }) => text === 'You paid 250 Stars.', 5000);
  inbox.down = false;
});

test('passes on why an order cannot be paid, and moves nothing', async () => {
  const telegram = await buildTelegram();
  const { money } = await startBot(telegram, { preCheckout: async () => ({ ok: false, reason: 'Already paid.' }) });
  const { ada, pay } = await buildBuyer(telegram);
  pay();
  await ada.until(({ invoice }) => invoice?.problem === 'Already paid.');
  expect(telegram.stars.charges()).toEqual([]);
  expect(money.paid).toEqual([]);
});

test.each<[string, Partial<TelegramParts>, string]>([
  [
    'the core fails',
    {
      preCheckout: async () => {
        throw new Error('the store of Ada is away');
      },
    },
    'telegram.checkout_failed',
  ],
  ['nobody decides within eight seconds', { preCheckout: () => new Promise(() => {}) }, 'telegram.checkout_late'],
])('declines a payment in plain words when %s', async (_, more, code) => {
  const telegram = await buildTelegram();
  const waits: number[] = [];
  const wait: TelegramParts['wait'] = (milliseconds, signal) => {
    waits.push(milliseconds);
    if (milliseconds === 8000 && code === 'telegram.checkout_late') return Promise.resolve();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', reject, { once: true }));
  };
  const { log } = await startBot(telegram, { ...more, wait });
  const { ada, pay } = await buildBuyer(telegram);
  pay();
  const { invoice } = await ada.until((message) => message.invoice?.problem !== undefined);
  expect(invoice?.problem).toContain('You were not charged');
  expect(waits).toContain(8000);
  expect(log.lines.join()).toContain(code);
  expect(log.lines.join()).not.toMatch(/Ada|store/);
});

test('asks the core once for a question that comes twice, and again when Telegram did not get the answer', async () => {
  const telegram = await buildTelegram();
  const { money, log } = await startBot(telegram);
  const { ada, pay } = await buildBuyer(telegram);
  telegram.forced.push({ method: 'answerPreCheckoutQuery', answer: 'break before' });
  telegram.deliverTwice = true;
  pay();
  await ada.until(({ text }) => text === 'You paid 250 Stars.');
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
  expect(money.questions).toHaveLength(1);
  expect(telegram.forced).toEqual([]);
  expect(telegram.calls.filter(({ method }) => method === 'answerPreCheckoutQuery')).toHaveLength(2);
  telegram.deliverTwice = false;
  telegram.forced.push({ method: 'answerPreCheckoutQuery', answer: badRequest('query is too old') });
  pay();
  await vi.waitFor(() => expect(log.lines.join()).toContain('telegram.checkout_unanswered'), soon);
  expect(log.lines.join()).not.toContain(telegram.token);
});

test('does not confirm a payment before it is stored', async () => {
  const telegram = await buildTelegram();
  const { inbox, money, log } = await startBot(telegram, { wait: impatient });
  const { pay } = await buildBuyer(telegram);
  inbox.down = true;
  pay();
  const failures = () => log.lines.filter((line) => line.includes('telegram.poll_failed')).length;
  await vi.waitFor(() => expect(failures()).toBeGreaterThan(1), soon);
  const left = telegram.pending().flatMap(({ message }) => message?.successful_payment ?? []);
  expect(left.map(({ telegram_payment_charge_id: charge }) => charge)).toEqual(telegram.stars.charges().map(({ id }) => id));
  expect(money.paid).toEqual([]);
  inbox.down = false;
  await vi.waitFor(() => expect(money.paid).toHaveLength(1), soon);
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
});

test('the same payment delivered three times reaches the core with the same charge, and only once', async () => {
  const telegram = await buildTelegram();
  const { money, inbox } = await startBot(telegram);
  const { pay } = await buildBuyer(telegram);
  telegram.deliverTwice = 3;
  pay();
  await vi.waitFor(() => expect(money.paid).toHaveLength(1), soon);
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
  expect(money.paid.map(({ charge }) => charge)).toEqual(telegram.stars.charges().map(({ id }) => id));
  expect(inbox.finished).toHaveLength(1);
});

test('reports each payment of an invoice that is paid again as Stars of its own', async () => {
  const telegram = await buildTelegram();
  const { money } = await startBot(telegram);
  const { pay } = await buildBuyer(telegram);
  pay();
  await vi.waitFor(() => expect(money.paid).toHaveLength(1), soon);
  pay();
  await vi.waitFor(() => expect(money.paid).toHaveLength(2), soon);
  expect(new Set(money.paid.map(({ charge }) => charge)).size).toBe(2);
  expect(new Set(money.paid.map(({ order }) => order))).toEqual(new Set(['order-1']));
});

test('names who paid, also where somebody else was asked', async () => {
  const telegram = await buildTelegram();
  const { money } = await startBot(telegram);
  const [ada, ben] = [telegram.person({ acquainted: true }), telegram.person({ acquainted: true })];
  const fields = { chat_id: ada.chat, title: 'x', description: 'x', payload: 'order-9', currency: 'XTR' };
  const body = JSON.stringify({ ...fields, prices: [{ label: 'x', amount: 5 }] });
  const headers = { 'content-type': 'application/json' };
  await fetch(`${telegram.url}/bot${telegram.token}/sendInvoice`, { method: 'POST', headers, body });
  ben.pay(ada.forward(ada.messages()[0]?.id ?? '', ben));
  await vi.waitFor(() => expect(money.paid).toMatchObject([{ order: 'order-9', user: String(ben.user.id) }]), soon);
});

test('keeps a payment that the core did not take, and brings it again until it does', async () => {
  const telegram = await buildTelegram();
  const inbox = buildInbox();
  const charges: string[] = [];
  let away = true;
  const starsPaid: TelegramParts['starsPaid'] = async ({ charge }) => {
    charges.push(charge);
    if (away) throw new Error('the store is away');
  };
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const { log } = await startBot(telegram, { inbox, starsPaid });
    const { pay } = await buildBuyer(telegram);
    pay();
    await vi.waitFor(() => expect(log.lines.join()).toContain('telegram.payment_waits'), soon);
    await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
    expect([inbox.entries.size, inbox.finished.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(10_000);
    await vi.waitFor(() => expect(charges).toHaveLength(2), soon);
    expect(inbox.entries.size).toBe(1);
    away = false;
    await vi.waitFor(() => {
      vi.advanceTimersByTime(10_000);
      expect(inbox.entries.size).toBe(0);
    }, soon);
    expect(new Set(charges)).toEqual(new Set(telegram.stars.charges().map(({ id }) => id)));
  } finally {
    vi.useRealTimers();
  }
});

test('takes up a payment that an earlier process left behind', async () => {
  const telegram = await buildTelegram();
  const inbox = buildInbox();
  const starsPaid = async () => {
    throw new Error('the store is away');
  };
  const earlier = await startBot(telegram, { inbox, starsPaid });
  const { pay } = await buildBuyer(telegram);
  pay();
  await vi.waitFor(() => expect(inbox.entries.size).toBe(1), soon);
  await earlier.bot.close();
  expect(inbox.finished).toEqual([]);
  const { money } = await startBot(telegram, { inbox });
  await vi.waitFor(() => expect(inbox.entries.size).toBe(0), soon);
  expect(money.paid.map(({ charge }) => charge)).toEqual(telegram.stars.charges().map(({ id }) => id));
});

test('reports a refund behind its payment, however slow that is', async () => {
  const telegram = await buildTelegram();
  const gate = buildGate();
  const told: string[] = [];
  const { inbox } = await startBot(telegram, {
    starsPaid: async ({ charge }) => {
      await gate.opened;
      told.push(`paid ${charge}`);
    },
    starsRefunded: async ({ charge, order }) => {
      told.push(`refunded ${charge} ${order}`);
    },
  });
  const { ada, pay } = await buildBuyer(telegram);
  pay();
  await vi.waitFor(() => expect(inbox.entries.size).toBe(1), soon);
  const charge = telegram.stars.charges()[0]?.id ?? '';
  const address = `${telegram.url}/bot${telegram.token}/refundStarPayment`;
  await fetch(`${address}?user_id=${ada.user.id}&telegram_payment_charge_id=${charge}`);
  await vi.waitFor(() => expect(inbox.entries.size).toBe(2), soon);
  gate.open();
  await vi.waitFor(() => expect(inbox.entries.size).toBe(0), soon);
  expect(told).toEqual([`paid ${charge}`, `refunded ${charge} order-1`]);
});

test('reports each period of a subscription with its own charge and end', async () => {
  const now = Date.UTC(2026, 10, 24);
  const telegram = await buildTelegram({ now: () => now });
  const { money } = await startBot(telegram);
  const { pay } = await buildBuyer(telegram, { ...PACK, monthly: true });
  pay();
  await vi.waitFor(() => expect(money.paid).toHaveLength(1), soon);
  const { id } = telegram.stars.renew(money.paid[0]?.charge ?? '');
  await vi.waitFor(() => expect(money.paid).toHaveLength(2), soon);
  const month = 2_592_000_000;
  expect(money.paid.map(({ subscription }) => subscription)).toEqual([
    { first: true, until: now + month },
    { first: false, until: now + 2 * month },
  ]);
  expect(money.paid[1]?.charge).toBe(id);
});

test('closes only when a payment under way has reached the core', async () => {
  const telegram = await buildTelegram();
  const gate = buildGate();
  const { bot, inbox } = await startBot(telegram, { starsPaid: () => gate.opened });
  const { pay } = await buildBuyer(telegram);
  pay();
  await vi.waitFor(() => expect(inbox.entries.size).toBe(1), soon);
  const closing = bot.close();
  gate.open();
  await closing;
  expect(inbox.entries.size).toBe(0);
});
