import { expect, test } from 'vitest';
import { beginErasure } from '../../../core/privacy/erasures.ts';
import { codeOf } from '../wallet/people.ts';
import { buttonOf, heldOf, type Leaver, type Stage, shareLeaving } from './leaving.ts';

const HOUR_MS = 3_600_000;

const shared = shareLeaving();

/** Two accounts of one person, joined. */
async function linked(stage: Stage): Promise<[telegram: Leaver, discord: Leaver]> {
  const [keeper, guest] = [await stage.person(), await stage.person('discord')];
  await guest.press(await guest.say(`link code=${await codeOf(keeper)}`), 'Join them');
  return [keeper, guest];
}

const statusOf = async ({ app }: Stage, { id }: Leaver) => (await app.models.accounts.findById(id).lean())?.status;
const stateOf = async ({ app }: Stage, id: string) => (await app.models.erasures.findById(id).lean())?.state;

test('asks what, shows what goes and stays, and asks again before anything happens', async () => {
  const stage = shared();
  const ann = await stage.person();
  await stage.video(ann);
  const menu = await ann.say('privacy delete');
  expect(menu.words).toContain('asked twice');
  const shown = await ann.press(menu, 'My account');
  expect(shown.words).toContain('1 video, 1 prompt');
  expect(shown.words).toContain('38 credits end with the account.');
  expect(shown.words).toContain('Stays: for 180 days a fingerprint');
  expect(shown.private).toBe(true);
  const again = await ann.press(shown, 'Now');
  expect(again.words).toContain('cannot be undone');
  expect(await statusOf(stage, ann)).toBe('active');
  expect((await ann.press(again, 'No')).words).toContain('Everything stays.');
  expect(await statusOf(stage, ann)).toBe('active');
});

test('every button fits into 64 bytes', async () => {
  const stage = shared();
  const ann = await stage.person();
  await stage.video(ann);
  const replies = [
    await ann.say('privacy delete'),
    await ann.say('privacy delete video'),
    await ann.say('privacy delete account'),
  ];
  replies.push(await ann.press(replies[2] ?? { text: [], words: '' }, 'In 72 hours'));
  const lines = replies.flatMap(({ buttons = [] }) => buttons.flat().flatMap((one) => ('command' in one ? [one.command] : [])));
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(64);
});

test('waits 72 hours, in which nothing new is made and the mind can be changed', async () => {
  const stage = shared();
  const ann = await stage.person();
  const { follows: making = '' } = await ann.say('generate a fox');
  const sure = await ann.press(await ann.say('privacy delete account'), 'In 72 hours');
  const waiting = await ann.press(sure, 'Yes, delete my account');
  const id = waiting.follows ?? '';
  expect(await statusOf(stage, ann)).toBe('leaving');
  await stage.look(id);
  expect(await stage.app.models.generations.findById(making).lean()).toMatchObject({ state: 'failed', fault: 'cancelled' });
  expect(await stage.app.models.creditAccounts.findById(ann.id).lean()).toMatchObject({ available: 50, held: 0 });
  expect((await ann.say('generate a cat')).words).toContain('about to be deleted');
  stage.clock.at += 72 * HOUR_MS - 1;
  await stage.look(id);
  expect(await stateOf(stage, id)).toBe('waiting');
  expect((await ann.press(waiting, 'Keep it')).words).toContain('Everything stays.');
  expect(await statusOf(stage, ann)).toBe('active');
  stage.clock.at += HOUR_MS;
  await stage.look(id);
  expect(await stateOf(stage, id)).toBe('kept');
  expect((await ann.say('generate a cat')).words).toContain('reserved');
});

test('begins by itself when the 72 hours are over, and cannot be stopped then', async () => {
  const stage = shared();
  const ann = await stage.person();
  const waiting = await ann.press(
    await ann.press(await ann.say('privacy delete account'), 'In 72 hours'),
    'Yes, delete my account',
  );
  stage.clock.at += 72 * HOUR_MS;
  await stage.look(waiting.follows ?? '');
  expect((await ann.press(waiting, 'Keep it')).words).toContain('cannot be stopped');
  expect((await stage.drive(waiting.follows ?? ''))?.state).toBe('done');
  expect(await stage.app.models.accounts.findById(ann.id).lean()).toBeNull();
});

test('the answer to everything while an account leaves carries both ways on', async () => {
  const stage = shared();
  const ann = await stage.person();
  await ann.press(await ann.press(await ann.say('privacy delete account'), 'In 72 hours'), 'Yes, delete my account');
  const answer = await ann.say('balance');
  const again = await ann.press(answer, 'Delete it now');
  expect(again.words).toContain('Are you sure?');
  const { follows: id = '' } = await ann.press(again, 'Yes, delete my account');
  expect(await stateOf(stage, id)).toBe('running');
  expect((await stage.drive(id))?.state).toBe('done');
});

test('a double press of every button does what one does', async () => {
  const stage = shared();
  const ann = await stage.person();
  const shown = await ann.say('privacy delete account');
  const [first, second] = await Promise.all([ann.press(shown, 'Now'), ann.press(shown, 'Now')]);
  expect(first.words).toBe(second.words);
  const yes = buttonOf(first, 'Yes, delete my account');
  const begun = await Promise.all([ann.say(yes), ann.say(yes), ann.say(yes)]);
  expect(new Set(begun.map(({ follows }) => follows)).size).toBe(1);
  expect(await stage.app.models.erasures.countDocuments({ state: 'running', accountIds: ann.id })).toBe(1);
  await stage.drive(begun[0]?.follows ?? '');
  expect(stage.sendings.filter(({ reply }) => reply.file)).toHaveLength(1);
});

test('an offer is forgotten after an hour, and its button does nothing', async () => {
  const stage = shared();
  const ann = await stage.person();
  const shown = await ann.say('privacy delete account');
  const sure = await ann.press(shown, 'Now');
  stage.clock.at += HOUR_MS;
  expect((await ann.press(shown, 'In 72 hours')).words).toContain('more than an hour old');
  expect((await ann.press(sure, 'Yes, delete my account')).words).toContain('more than an hour old');
  expect(await statusOf(stage, ann)).toBe('active');
});

test('nobody else can answer a question, call a deletion off, or delete somebody’s video', async () => {
  const stage = shared();
  const [ann, bob] = [await stage.person(), await stage.person()];
  const id = await stage.video(ann);
  const shown = await ann.say('privacy delete account');
  const sure = await ann.press(shown, 'In 72 hours');
  for (const [reply, label] of [
    [shown, 'Now'],
    [shown, 'Leave it'],
    [sure, 'Yes, delete my account'],
  ] as const) {
    expect((await bob.press(reply, label)).words).toContain('answered before');
  }
  const waiting = await ann.press(sure, 'Yes, delete my account');
  expect((await bob.press(waiting, 'Keep it')).words).toContain('answered before');
  expect((await bob.press(waiting, 'Delete now')).words).toContain('answered before');
  expect((await bob.say(`privacy delete video=${id}`)).words).toContain('I cannot find that video among yours');
  expect(await stateOf(stage, waiting.follows ?? '')).toBe('waiting');
});

test('two linked accounts leave together and are kept together', async () => {
  const stage = shared();
  const [ann, same] = await linked(stage);
  const shown = await same.say('privacy delete account');
  expect(shown.words).toContain('Both linked accounts');
  expect(shown.words).toContain('100 credits end with the account.');
  const waiting = await same.press(await same.press(shown, 'In 72 hours'), 'Yes, delete my account');
  expect([await statusOf(stage, ann), await statusOf(stage, same)]).toEqual(['leaving', 'leaving']);
  expect((await ann.say('generate a fox')).words).toContain('about to be deleted');
  await ann.press(await ann.say('privacy delete'), 'Keep it');
  expect([await statusOf(stage, ann), await statusOf(stage, same)]).toEqual(['active', 'active']);
  expect(waiting.follows).toBeDefined();
});

test('a yes to one account deletes nothing when it was linked meanwhile', async () => {
  const stage = shared();
  const [ann, other] = [await stage.person(), await stage.person('discord')];
  const sure = await ann.press(await ann.say('privacy delete account'), 'Now');
  await other.press(await other.say(`link code=${await codeOf(ann)}`), 'Join them');
  expect((await ann.press(sure, 'Yes, delete my account')).words).toContain('linked or separated since I asked');
  expect(await statusOf(stage, ann)).toBe('active');
});

test('an account that leaves cannot be joined any more', async () => {
  const stage = shared();
  const [ann, other] = [await stage.person(), await stage.person('discord')];
  const offer = await other.say(`link code=${await codeOf(ann)}`);
  await ann.press(await ann.press(await ann.say('privacy delete account'), 'In 72 hours'), 'Yes, delete my account');
  expect((await other.press(offer, 'Join them')).words).toContain('about to be deleted');
  expect(await stage.app.models.accounts.findById(other.id).lean()).not.toHaveProperty('partner');
});

test('an unused account goes at once with the one that it is linked to, and only once', async () => {
  const stage = shared();
  const [ann, same] = await linked(stage);
  const begin = () => beginErasure(stage.app, { accountIds: [ann.id], cause: 'unused', at: stage.clock.at });
  const [first, second] = await Promise.all([begin(), begin()]);
  const id = first ?? second ?? '';
  expect([first, second].filter((one) => one !== undefined)).toHaveLength(1);
  await stage.drive(id);
  for (const who of [ann, same]) expect(Object.keys(await heldOf(stage.app, who))).toEqual(['keys', 'erasures']);
  expect(stage.sendings).toEqual([]);
});
