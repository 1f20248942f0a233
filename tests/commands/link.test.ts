import { expect, test } from 'vitest';
import type { CreditAccount } from '../../core/credits/types.ts';
import * as generate from '../../workers/generate.ts';
import { button, codeOf, joined, offered, openStage, parted } from '../core/wallet/people.ts';
import { pressable } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';

const WRONG = 'That code is wrong, used up or older than 5 minutes.';

test('shows a code of eight signs that are hard to mistake, to the person alone', async () => {
  const { app, telegram } = await openStage();
  const ann = await telegram();
  const reply = await ann.say('link');
  expect(reply.private).toBe(true);
  const code = await codeOf(ann);
  expect(code).toMatch(/^[2-9A-HJKMNP-TV-Z]{8}$/);
  expect(JSON.stringify(await app.models.linkCodes.find().lean())).not.toContain(code);
});

test('shows what joining will do before it does anything', async () => {
  const { telegram, discord } = await openStage();
  const [ann, same] = [await telegram(), await discord()];
  await same.say('generate a fox seconds=10');
  await same.say('cancel');
  const offer = await same.say(`link code=${(await codeOf(ann)).toLowerCase()}`);
  expect(offer.words).toContain(
    'Telegram, which showed the code: 50 credits\nDiscord, this one: 50 credits\nTogether: 100 credits',
  );
  expect(offer.words).toContain('kept by the Telegram account');
  expect(pressable(offer).map(({ label }) => label)).toEqual(['Join them', 'Leave it']);
  for (const { command } of pressable(offer)) expect(Buffer.byteLength(command)).toBeLessThanOrEqual(64);
  for (const person of [ann, same]) expect((await person.say('balance')).words).toContain('You have 50 credits.');
});

test('leaves everything as it is when the person does not want it, and the code is used up', async () => {
  const { telegram, discord } = await openStage();
  const [ann, same] = [await telegram(), await discord()];
  const code = await codeOf(ann);
  const offer = await same.say(`link code=${code}`);
  expect((await same.say(button(offer, 'Leave it'))).words).toContain('Nothing was changed.');
  expect((await same.say(button(offer, 'Join them'))).words).toContain('answered before');
  expect((await same.say(`link code=${code}`)).words).toContain(WRONG);
});

test('a code is good for five minutes', async () => {
  const { clock, telegram, discord } = await openStage();
  const [ann, same] = [await telegram(), await discord()];
  const code = await codeOf(ann);
  clock.at += 5 * 60_000;
  expect((await same.say(`link code=${code}`)).words).toContain(WRONG);
});

test('a button to join is good for five minutes', async () => {
  const { clock, telegram, discord } = await openStage();
  const [ann, same] = [await telegram(), await discord()];
  const press = await offered(ann, same);
  clock.at += 5 * 60_000;
  expect((await same.say(press)).words).toContain('more than 5 minutes old');
  expect((await same.say('balance')).words).toContain('You have 50 credits.');
});

test('a code is good for one person, once, even when two enter it at once', async () => {
  const { telegram, discord } = await openStage();
  const [ann, one, other] = [await telegram(), await discord(), await discord()];
  const code = await codeOf(ann);
  const offers = await Promise.all([one.say(`link code=${code}`), other.say(`link code=${code}`)]);
  expect(offers.filter(({ words }) => words.startsWith('Join these two'))).toHaveLength(1);
  expect(offers.filter(({ words }) => words.includes(WRONG))).toHaveLength(1);
  const [winner, loser] = offers[0]?.words.includes(WRONG) ? [other, one] : [one, other];
  const press = button(await winner.say(`link code=${code}`), 'Join them');
  expect((await loser.say(press)).words).toContain('answered before');
  expect((await winner.say(press)).words).toContain('Joined.');
  expect((await loser.say(`link code=${code}`)).words).toContain(WRONG);
});

test('a new code replaces the one before', async () => {
  const { telegram, discord } = await openStage();
  const [ann, same] = [await telegram(), await discord()];
  const old = await codeOf(ann);
  await codeOf(ann);
  expect((await same.say(`link code=${old}`)).words).toContain(WRONG);
});

test('after five wrong codes in an hour even the right one is refused, however many come at once', async () => {
  const { clock, telegram, discord } = await openStage();
  const [ann, guesser] = [await telegram(), await discord()];
  const replies = await Promise.all(Array.from({ length: 12 }, () => guesser.say('link code=AAAAAAAA')));
  expect(replies.filter(({ words }) => words.includes(WRONG))).toHaveLength(5);
  expect(replies.filter(({ words }) => words.includes('5 wrong codes within an hour'))).toHaveLength(7);
  expect((await guesser.say(`link code=${await codeOf(ann)}`)).words).toContain('5 wrong codes within an hour');
  clock.at += 3_600_000;
  expect((await guesser.say(`link code=${await codeOf(ann)}`)).words).toContain('Join these two');
});

test('right codes are no wrong tries', async () => {
  const { telegram, discord } = await openStage();
  const [ann, same] = [await telegram(), await discord()];
  for (let round = 0; round < 7; round++) expect(await offered(ann, same)).toContain('link join=');
});

test('joins two platforms only, and nobody with themselves', async () => {
  const { telegram, discord } = await openStage();
  const [ann, neighbour, same] = [await telegram(), await telegram(), await discord()];
  const code = await codeOf(ann);
  expect((await ann.say(`link code=${code}`)).words).toContain('This code is your own.');
  expect((await neighbour.say(`link code=${code}`)).words).toContain('not two on the same platform');
  expect((await same.say(`link code=${code}`)).words).toContain('Join these two');
});

test('nobody who is joined can be joined once more, on either side', async () => {
  const { telegram, discord } = await openStage();
  const [ann, same, stranger] = [await telegram(), await discord(), await telegram()];
  const late = await codeOf(ann);
  await joined(stranger, same);
  expect((await same.say(`link code=${late}`)).words).toContain('shares its credits with your other one already');
  for (const person of [same, stranger]) expect((await person.say('link')).words).toContain('/unlink separates them');
});

test('a video that is being made is waited for', async () => {
  const { telegram, discord } = await openStage();
  const [ann, same] = [await telegram(), await discord()];
  const press = await offered(ann, same);
  await same.say('generate a fox');
  expect((await same.say(press)).words).toContain('A video is still being made here.');
  expect((await same.say(`link code=${await codeOf(ann)}`)).words).toContain('A video is still being made here.');
  await same.say('cancel');
  expect((await same.say(press)).words).toContain('Joined. You have 100 credits');
});

test('debt and disputes on either side are settled first', async () => {
  const cases = [
    [{ debt: 3 }, 'Credits are owed'],
    [{ restrictions: ['dispute:du_1'] }, 'A payment is being disputed'],
  ] satisfies [Partial<CreditAccount>, string][];
  const { app, telegram, discord } = await openStage({ WELCOME_CREDITS: '0' });
  for (const [state, words] of cases) {
    for (const side of ['here', 'in the account that showed the code']) {
      const [ann, same] = [await telegram(), await discord()];
      const bound = side === 'here' ? same : ann;
      const press = await offered(ann, same);
      const empty = { rev: 1, seq: 0, available: 0, held: 0, debt: 0, lots: [], holds: [], restrictions: [], closed: false };
      await app.models.creditAccounts.create({ _id: bound.id, ...empty, ...state });
      expect((await same.say(press)).words).toContain(`${words} ${side}`);
      expect((await same.say(`link code=${await codeOf(ann)}`)).words).toContain(`${words} ${side}`);
      await app.models.creditAccounts.deleteOne({ _id: bound.id });
    }
  }
});

test('history, replay, again, receipts and cancel work on both platforms', async () => {
  const { app, clock, telegram, discord } = await openStage();
  const [ann, same] = [await telegram(), await discord()];
  const { follows: made = '' } = await ann.say('generate a fox seconds=2');
  const { sends } = recordSends();
  await generate.run(app, sends, made);
  await generate.run(app, sends, made);
  expect((await same.say(`videos show=${made}`)).words).toContain('I cannot find that video');
  await joined(ann, same);
  expect((await same.say('videos')).words).toContain('a fox · 2 s');
  const replay = await same.say(`videos show=${made}`);
  expect(replay.words).toContain('a fox');
  expect((await replay.video?.read())?.video.length).toBeGreaterThan(1_000);
  expect((await same.say(`receipt id=${made}`)).words).toContain('4 used');
  clock.at += 1_000;
  const again = await same.say(`generate again=${made}`);
  expect(again.words).toContain('4 credits reserved, 92 left');
  expect((await ann.say('videos')).words).toContain('1. a fox · 2 s, being made');
  expect((await ann.say(`cancel id=${again.follows}`)).words).toBe('Cancelled. 4 credits are back, you have 96.');
  await parted(same);
  expect((await same.say(`videos show=${made}`)).words).toContain('I cannot find that video');
  expect((await ann.say(`receipt id=${again.follows}`)).words).toContain('I cannot find that receipt');
  expect((await same.say(`receipt id=${again.follows}`)).words).toContain('4 returned');
});

test('a price that was asked on one platform can be agreed to on the other', async () => {
  const { telegram, discord } = await openStage();
  const [ann, same] = [await telegram(), await discord()];
  await joined(ann, same);
  await ann.say('settings ask=5');
  const question = await ann.say('generate a fox seconds=4');
  const yes = pressable(question).find(({ command }) => command.startsWith('generate confirm='));
  expect((await same.say(yes?.command ?? '')).words).toContain('8 credits reserved, 92 left');
});

test('unlink says who keeps the credits, asks once, and everybody can be joined again', async () => {
  const { telegram, discord } = await openStage();
  const [ann, same] = [await telegram(), await discord()];
  expect((await ann.say('unlink')).words).toContain('shares its credits with no other one');
  const press = await offered(ann, same);
  await same.say(press);
  expect((await ann.say('unlink')).words).toContain('All 100 credits stay here, and the Discord account begins with 0.');
  const question = await same.say('unlink');
  expect(question.words).toContain('All 100 credits stay with the Telegram account');
  const yes = button(question, 'Separate them');
  expect((await ann.say(yes)).words).toContain('answered before');
  expect((await same.say(yes)).words).toContain('Separated. You have 0 credits here.');
  expect((await same.say(yes)).words).toContain('Separated. You have 0 credits here.');
  expect((await ann.say('balance')).words).toContain('You have 100 credits.');
  expect((await same.say(press)).words).toContain('answered before');
  expect((await joined(same, ann)).words).toContain('Joined. You have 100 credits, here and on Discord.');
  expect((await same.say(yes)).words).toContain('answered before');
  expect((await ann.say('balance')).words).toContain('You have 100 credits.');
});

test('the question of unlink is good for five minutes', async () => {
  const { clock, telegram, discord } = await openStage();
  const [ann, same] = [await telegram(), await discord()];
  await joined(ann, same);
  const yes = button(await ann.say('unlink'), 'Separate them');
  clock.at += 5 * 60_000;
  expect((await ann.say(yes)).words).toContain('more than 5 minutes old');
  expect((await same.say('balance')).words).toContain('You have 100 credits.');
});
