import { expect, test } from 'vitest';
import { ask, links, pressable } from '../support/requests.ts';
import { balanceOf, newPerson, openShop, order, sessionOf } from '../support/shop.ts';

/** Somebody with a session for a medium pack, whose webhooks are all lost. */
async function ordered() {
  const shop = await openShop();
  const person = await newPerson(shop.app);
  const { order: pack } = await order(shop.app, 'pack-m', 'stripe', person);
  const session = await sessionOf(shop.app, pack._id);
  const paid = (later = 0) => ask(shop.app, { command: 'paid', at: shop.clock.at + later }, person.user);
  return { ...shop, person, pack, session, paid };
}

test('finds a payment whose webhooks were lost, and credits it once', async () => {
  const { app, stripe, person, pack, session, paid } = await ordered();
  stripe.pay(session, 'card');
  const reply = await paid();
  expect(reply.words).toBe('Medium pack: found, it is paid and its credits are yours.\nYou have 300 credits.');
  expect(pressable(reply).map(({ command }) => command)).toEqual([`receipt id=${pack._id}`]);
  expect((await paid(60_000)).words).toContain('I know of no payment that is still awaited. You have 300 credits');
  expect(await balanceOf(app, person.account.id)).toEqual({ available: 300, held: 0, debt: 0 });
});

test('says what is not paid yet with its link, and what the bank is working on', async () => {
  const { stripe, session, paid, pack } = await ordered();
  const unpaid = await paid();
  expect(unpaid.words).toContain('Medium pack: not paid yet. The link is still good.');
  expect(links(unpaid)).toEqual([{ label: 'Pay: Medium pack', url: `http://localhost:8080/pay/${pack._id}` }]);
  stripe.pay(session, 'delayed');
  expect((await paid(60_000)).words).toContain('Medium pack: your bank is still working on it');
  stripe.completeDelayed(session);
  expect((await paid(120_000)).words).toContain('Medium pack: found');
});

test('asks Stripe for one person at most once a minute', async () => {
  const { stripe, paid } = await ordered();
  const asked = () => stripe.requests.length;
  await paid();
  const before = asked();
  expect((await paid(59_999)).words).toContain('I looked less than a minute ago');
  expect(asked()).toBe(before);
  expect((await paid(60_000)).words).toContain('not paid yet');
  expect(asked()).toBeGreaterThan(before);
});

test('looks at nobody else’s orders, and at none that nobody began to pay', async () => {
  const { app, stripe, session, clock } = await ordered();
  stripe.pay(session, 'card');
  const other = await newPerson(app);
  await order(app, 'pack-s', 'stripe', other);
  const reply = await ask(app, { command: 'paid', at: clock.at }, other.user);
  expect(reply.words).toContain('I know of no payment that is still awaited. You have 0 credits');
  expect(await app.models.creditAccounts.countDocuments({ available: { $gt: 0 } })).toBe(0);
});
