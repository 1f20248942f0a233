import { expect, test } from 'vitest';
import type { App } from '../../core/app.ts';
import { starsPaid } from '../../core/payments/stars.ts';
import * as generate from '../../workers/generate.ts';
import { ask, pressable } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';
import { handAll, newPerson, openShop, order, sessionOf } from '../support/shop.ts';

/** Somebody with a pack, a video that was made and one that was cancelled. */
async function story() {
  const { app, clock } = await openShop();
  const person = await newPerson(app);
  const { order: pack } = await order(app, 'pack-s', 'telegram_stars', person);
  await starsPaid(app, { order: pack._id, charge: 'charge-1', stars: 350, user: person.user });
  clock.at += 1_000;
  const { follows: made = '' } = await ask(app, { words: 'a fox', at: clock.at }, person.user);
  const { sends } = recordSends();
  await generate.run(app, sends, made);
  await generate.run(app, sends, made);
  clock.at += 1_000;
  const { follows: cancelled = '' } = await ask(app, { words: 'a cat seconds=2', at: clock.at }, person.user);
  await ask(app, { command: 'cancel', at: clock.at }, person.user);
  const receipt = (id?: string) => ask(app, { command: 'receipt', words: id ? `id=${id}` : '', at: clock.at }, person.user);
  return { app, person, pack: pack._id, made, cancelled, receipt };
}

/** Every entry that a text names, as it is stored. */
const named = (app: App, text: readonly unknown[]) =>
  app.models.ledgerEntries
    .find({
      _id: { $in: text.flatMap((span) => (span && typeof span === 'object' && 'code' in span ? [String(span.code)] : [])) },
    })
    .sort({ seq: 1 })
    .lean();

test('lists the newest, payments and videos together, with a button for each', async () => {
  const { receipt, made, cancelled, pack } = await story();
  const list = await receipt();
  expect(pressable(list).map(({ command }) => command)).toEqual([cancelled, made, pack].map((id) => `receipt id=${id}`));
  for (const { command } of pressable(list)) expect(Buffer.byteLength(command)).toBeLessThanOrEqual(64);
  expect(list.words).toMatch(
    /1\. Video of 2 s, 4 credits, .+\n2\. Video of 6 s, 12 credits, .+\n3\. Small pack, 350 Stars, paid, /,
  );
});

test('shows what a video was to cost, what was reserved and used, each with an entry that exists', async () => {
  const { app, receipt, made } = await story();
  const { words, text } = await receipt(made);
  expect(words).toContain('Price: 12 credits, two a second\n');
  expect(words).toMatch(/Video: 12 reserved, .+, entry \S+#2\nVideo: 12 used, .+, entry \S+#3\n/);
  expect((await named(app, text)).map(({ op }) => op)).toEqual([`reserve:${made}`, `capture:${made}`]);
});

test('shows what came back of a video that was not made', async () => {
  const { app, receipt, cancelled } = await story();
  const { words, text } = await receipt(cancelled);
  expect(words).toMatch(/Video: 4 reserved, .+\nVideo: 4 returned, /);
  expect((await named(app, text)).map(({ op }) => op)).toEqual([`reserve:${cancelled}`, `release:${cancelled}`]);
});

test('shows what a payment brought, and what went back of it', async () => {
  const { app, stripe, clock } = await openShop();
  const person = await newPerson(app);
  const { order: pack } = await order(app, 'pack-m', 'stripe', person);
  const session = await sessionOf(app, pack._id);
  stripe.pay(session, 'card');
  await handAll({ app, stripe, clock });
  stripe.refund(session, 433);
  await handAll({ app, stripe, clock });
  const { words, text } = await ask(app, { command: 'receipt', words: `id=${pack._id}` }, person.user);
  expect(words).toContain('300 credits for $12.99, by card (Stripe): partly refunded\n');
  expect(words).toMatch(
    /Medium pack: \+300, .+, entry \S+#1\nMedium pack was paid back: 100 credits taken back, .+, entry \S+#2\n/,
  );
  expect(words).toContain('Refund of $4.33: succeeded\n');
  expect((await named(app, text)).map(({ type }) => type)).toEqual(['grant', 'clawbackTo']);
});

test('shows the months of a plan', async () => {
  const { app, clock } = await openShop();
  const person = await newPerson(app);
  const { order: plan } = await order(app, 'plan-plus', 'telegram_stars', person);
  for (const month of [1, 2]) {
    const subscription = { first: month === 1, until: clock.at + month * 30 * 86_400_000 };
    await starsPaid(app, { order: plan._id, charge: `charge-${month}`, stars: 700, user: person.user, subscription });
  }
  const list = await ask(app, { command: 'receipt' }, person.user);
  expect(list.words.match(/Plus, a month, 700 Stars, paid/g)).toHaveLength(2);
  const { words } = await ask(app, { command: 'receipt', words: `id=${plan._id}` }, person.user);
  expect(words.match(/Month of 300 credits, 700 Stars, paid/g)).toHaveLength(2);
});

test('somebody else’s receipt is as good as none', async () => {
  const { app, pack, made } = await story();
  for (const id of [pack, made, 'nothing']) {
    const { words, private: isPrivate } = await ask(app, { command: 'receipt', words: `id=${id}` }, '66');
    expect(words).toBe('I cannot find that receipt among yours. /receipt shows the newest.');
    expect(isPrivate).toBe(true);
  }
  expect((await ask(app, { command: 'receipt' }, '66')).words).toContain('There is nothing to show yet');
});

test('mere orders and refused requests are no receipts', async () => {
  const { app } = await openShop();
  const person = await newPerson(app);
  await order(app, 'pack-s', 'telegram_stars', person);
  await ask(app, { words: 'a fox' }, person.user);
  expect((await ask(app, { command: 'receipt' }, person.user)).words).toContain('There is nothing to show yet');
});
