import { expect, test } from 'vitest';
import { openAccount } from '../../../core/accounts.ts';
import { checkInvariants } from '../../../core/credits/invariants.ts';
import { openOrder } from '../../../core/payments/orders.ts';
import { readPayment } from '../../../core/payments/payment.ts';
import { applyReversals } from '../../../core/payments/reverse.ts';
import { starsPaid } from '../../../core/payments/stars.ts';
import { tidy } from '../../../workers/tidy.ts';
import { buildRequest } from '../../support/requests.ts';
import {
  availableOf,
  dyingAt,
  interrupted,
  joined,
  offered,
  openStage,
  type Person,
  parted,
  type Stage,
  sumOf,
} from './people.ts';

test('the credits of both are in one wallet, which both use', async () => {
  const { app, telegram, discord } = await openStage();
  const [keeper, guest] = [await telegram(), await discord()];
  expect((await joined(keeper, guest)).words).toBe('Joined. You have 100 credits, here and on Telegram.');
  expect([await availableOf(app, keeper), await availableOf(app, guest)]).toEqual([100, 0]);
  await guest.say('generate a fox seconds=10');
  await keeper.say('generate a cat seconds=10');
  expect(await availableOf(app, keeper)).toBe(60);
  for (const person of [keeper, guest]) expect((await person.say('balance')).words).toContain('You have 60 credits.');
});

test('a process that dies between out and in loses nothing, and the next request of either finishes', async () => {
  for (const whose of ['keeper', 'guest'] as const) {
    const { app, telegram, discord } = await openStage();
    const people = { keeper: await telegram(), guest: await discord() };
    const press = await offered(people.keeper, people.guest);
    expect((await people.guest.say(press, dyingAt(app, 2))).words).toContain('Something broke');
    expect(await sumOf(app)).toEqual({ people: 50, underway: 50 });
    expect((await people[whose].say('balance')).words).toContain('You have 100 credits.');
    expect(await sumOf(app)).toEqual({ people: 100, underway: 0 });
    expect((await people.guest.say(press)).words).toContain('Joined. You have 100 credits');
    expect(await sumOf(app)).toEqual({ people: 100, underway: 0 });
  }
});

test('tidy finishes what nobody asks for again', async () => {
  const { app, clock, telegram, discord } = await openStage();
  const [keeper, guest] = [await telegram(), await discord()];
  await guest.say(await offered(keeper, guest), dyingAt(app, 2));
  expect(await tidy(app)).toBe(0);
  clock.at += 10_000;
  expect(await tidy(app)).toBe(1);
  expect([await availableOf(app, keeper), await availableOf(app, guest)]).toEqual([100, 0]);
  expect(await tidy(app)).toBe(0);
});

test('a process that dies before out leaves both as they were', async () => {
  const { app, telegram, discord } = await openStage();
  const [keeper, guest] = [await telegram(), await discord()];
  const press = await offered(keeper, guest);
  await guest.say(press, dyingAt(app, 1));
  expect([await availableOf(app, keeper), await availableOf(app, guest)]).toEqual([50, 50]);
  expect((await guest.say(press)).words).toContain('Joined.');
});

test('two presses at once move the credits once', async () => {
  const { app, telegram, discord } = await openStage();
  const [keeper, guest] = [await telegram(), await discord()];
  const press = await offered(keeper, guest);
  const replies = await Promise.all([guest.say(press), guest.say(press), guest.say(press)]);
  expect(replies.map(({ words }) => words)).toEqual(replies.map(() => 'Joined. You have 100 credits, here and on Telegram.'));
  expect([await availableOf(app, keeper), await availableOf(app, guest)]).toEqual([100, 0]);
});

test('of two who join one account at the same moment one is refused, with all credits where they were', async () => {
  const { app, telegram, discord } = await openStage();
  const [keeper, first, second] = [await telegram(), await discord(), await discord()];
  const presses = [await offered(keeper, first), await offered(keeper, second)] as const;
  const replies = await Promise.all([first.say(presses[0]), second.say(presses[1])]);
  expect(replies.filter(({ words }) => words.startsWith('Joined.'))).toHaveLength(1);
  expect(replies.filter(({ words }) => words.endsWith('Nothing was changed.'))).toHaveLength(1);
  expect(await availableOf(app, keeper)).toBe(100);
  expect((await availableOf(app, first)) + (await availableOf(app, second))).toBe(50);
});

async function buy({ app, clock }: Stage, person: Person, user: string) {
  const request = buildRequest({ at: clock.at }, user);
  const account = await openAccount(app, request);
  expect(account.id).toBe(person.id);
  return openOrder(app, { account, place: request.place, item: 'pack-s', provider: 'telegram_stars', at: clock.at });
}

test('a purchase that lands while its account is joined goes to the wallet, whichever comes first', async () => {
  const stage = await openStage();
  const { app, telegram, discord } = stage;
  for (let round = 0; round < 6; round++) {
    const user = `9${round}`;
    const [keeper, guest] = [await discord(), await telegram(user)];
    const order = await buy(stage, guest, user);
    const press = await offered(keeper, guest);
    const paid = { order: order._id, charge: `charge-${round}`, stars: order.amountMinor ?? 0, user };
    const landing = () => starsPaid(app, paid);
    const joining = () => guest.say(press);
    await Promise.all(round % 2 ? [landing(), joining()] : [joining(), landing()]);
    expect([await availableOf(app, keeper), await availableOf(app, guest)]).toEqual([100 + order.credits, 0]);
  }
});

test('a purchase that was about to land in an account that has just joined lands in the wallet', async () => {
  const stage = await openStage();
  const { app, telegram, discord } = stage;
  const [keeper, guest] = [await discord(), await telegram('96')];
  const order = await buy(stage, guest, '96');
  const press = await offered(keeper, guest);
  const late = interrupted(app, () => guest.say(press));
  await starsPaid(late, { order: order._id, charge: 'late', stars: order.amountMinor ?? 0, user: '96' });
  expect([await availableOf(app, keeper), await availableOf(app, guest)]).toEqual([100 + order.credits, 0]);
});

test('a refund takes back from the wallet what was bought before joining, and what was bought after', async () => {
  const stage = await openStage();
  const { app, clock, telegram, discord } = stage;
  const [keeper, guest] = [await discord(), await telegram('97')];
  const before = await buy(stage, guest, '97');
  await starsPaid(app, { order: before._id, charge: 'before', stars: before.amountMinor ?? 0, user: '97' });
  await joined(keeper, guest);
  const after = await buy(stage, guest, '97');
  await starsPaid(app, { order: after._id, charge: 'after', stars: after.amountMinor ?? 0, user: '97' });
  expect((await readPayment(app, after._id))?.wallet).toBe(keeper.id);
  expect(await availableOf(app, keeper)).toBe(100 + before.credits + after.credits);
  await parted(guest);
  for (const { _id, amountMinor = 0 } of [before, after]) {
    const refund = { id: `refund-${_id}`, kind: 'refund', amountMinor, state: 'succeeded', rank: 1, counts: true } as const;
    await applyReversals(app, _id, [refund], clock.at);
  }
  expect([await availableOf(app, keeper), await availableOf(app, guest)]).toEqual([100, 0]);
});

test('a video that was begun before parting is settled where it was reserved', async () => {
  const { app, telegram, discord } = await openStage();
  const [keeper, guest] = [await telegram(), await discord()];
  await joined(keeper, guest);
  const { follows = '' } = await guest.say('generate a fox seconds=10');
  await parted(guest);
  expect((await guest.say(`cancel id=${follows}`)).words).toContain('20 credits are back');
  expect([await availableOf(app, keeper), await availableOf(app, guest)]).toEqual([100, 0]);
});

test('joining, parting and joining again by turns keeps the sum and every rule of the books', async () => {
  const { app, telegram, discord } = await openStage();
  const [one, other] = [await telegram(), await discord()];
  for (let round = 0; round < 4; round++) {
    const [keeper, guest] = round % 2 ? [one, other] : [other, one];
    await joined(keeper, guest);
    expect([await availableOf(app, keeper), await availableOf(app, guest)]).toEqual([100, 0]);
    await parted(round % 2 ? keeper : guest);
    expect(await sumOf(app)).toEqual({ people: 100, underway: 0 });
  }
  for (const { id } of [one, other]) {
    const account = await app.models.creditAccounts.findById(id).lean();
    const entries = await app.models.ledgerEntries.find({ accountId: id }).sort({ seq: 1 }).lean();
    if (!account) throw new Error('a credit account is gone');
    checkInvariants(account, entries);
  }
});
