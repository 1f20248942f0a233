import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { brokenConsents, prove } from '../../../core/privacy/consents.ts';
import { shownItem } from '../../../core/privacy/gallery/seen.ts';
import { CONSENT_WORDS } from '../../../core/texts/consents.ts';
import { run } from '../../../workers/gallery.ts';
import { newVideo, openOnce } from '../../core/privacy/makers.ts';
import { ask, discordPlace, pressable } from '../../support/requests.ts';

const { app } = openOnce();
let users = 100;

/** Somebody new on Telegram, and what they say to the bot. */
async function newcomer() {
  users += 1;
  const user = String(users);
  const say = (line: string) => {
    const [command = '', ...words] = line.split(' ');
    return ask(app(), { command, words: words.join(' '), at: app().now() }, user);
  };
  await say('help');
  const hash = app().keys.blindIndex('identity', 'telegram', user);
  const account = await app().models.accounts.findOne({ 'identities.hash': hash }).lean();
  if (!account) throw new Error('whoever writes has an account');
  const rows = () => app().models.consents.find({ accountId: account._id }).sort({ seq: 1 }).lean();
  return { user, say, rows, account: { id: account._id, keyId: account.keyId } };
}

const buttonsOf = (reply: Parameters<typeof pressable>[0]) => pressable(reply).map(({ command }) => command);
const agreeButton = (reply: Parameters<typeof pressable>[0]) => {
  const found = pressable(reply).find(({ label }) => label === 'I agree');
  if (!found) throw new Error('nothing can be agreed to here');
  return found.command;
};

test('every consent is off at first, each with a button of its own, in private', async () => {
  const { say, rows } = await newcomer();
  const reply = await say('privacy consents');
  expect(reply.private).toBe(true);
  expect(reply.words).toContain('News about features and offers: off');
  expect(reply.words).toContain('Quality review of your videos and prompts by our staff: off');
  expect(reply.words).toContain('no video is shown');
  expect(buttonsOf(reply)).toEqual([
    'privacy consents page=1',
    'privacy consents grant=marketing',
    'privacy consents grant=improvement',
    'privacy',
  ]);
  expect(await rows()).toEqual([]);
});

test('the words come first, are stored as they were shown, and one tap withdraws', async () => {
  const { say, rows, account } = await newcomer();
  for (const purpose of ['marketing', 'improvement'] as const) {
    const question = await say(`privacy consents grant=${purpose}`);
    expect(question.words).toContain(CONSENT_WORDS[purpose]);
    expect(await prove(app(), account.id, purpose)).toBeUndefined();
    const agreed = await say(agreeButton(question));
    expect(agreed.words).toContain('on.');
    expect(await prove(app(), account.id, purpose)).toBeDefined();
    expect((await rows()).at(-1)).toMatchObject({ purpose, act: 'grant', text: CONSENT_WORDS[purpose], channel: 'telegram' });
    expect((await say('privacy consents')).words).toContain('on since');
    const withdrawn = await say(buttonsOf(agreed)[0] ?? '');
    expect(withdrawn.words).toContain('off.');
    expect(await prove(app(), account.id, purpose)).toBeUndefined();
  }
  expect(brokenConsents(await rows())).toEqual([]);
});

test('a yes to words that were not shown is asked again instead', async () => {
  const { say, rows } = await newcomer();
  for (const line of ['privacy consents yes=improvement', 'privacy consents yes=improvement words=old123'])
    expect((await say(line)).words).toContain(CONSENT_WORDS.improvement);
  expect(await rows()).toEqual([]);
});

test('news on Discord alone need an e-mail address first', async () => {
  const place = discordPlace('9001', app().now());
  const say = (words: string) => ask(app(), { place, command: 'privacy', words, id: `dc-${words.length}`, at: app().now() });
  const reply = await say('consents grant=marketing');
  expect(reply.words).toContain('never send news as Discord messages');
  expect(buttonsOf(reply)).toContain('privacy correct field=mail');
  expect(pressable(reply).some(({ label }) => label === 'I agree')).toBe(false);
  expect((await say('consents yes=marketing words=any')).words).toContain('e-mail address');
});

test('a video goes into the gallery after its own yes, and out of it with one tap', async () => {
  const { say, account } = await newcomer();
  const generation = await newVideo(app(), account, { video: Buffer.from('bytes') });
  const list = await say('privacy consents page=1');
  expect(list.words).toContain('1. a fox in the snow: private');
  const question = await say(`privacy consents gallery=${generation._id}`);
  expect(question.words).toContain(CONSENT_WORDS.gallery);
  const agreed = await say(agreeButton(question));
  const item = await app().models.galleryItems.findOne({ generation: generation._id }).lean();
  if (!item) throw new Error('it goes into the gallery');
  await run(app(), item._id);
  expect(await shownItem(app(), item._id)).toBeDefined();
  expect((await say('privacy consents page=1')).words).toContain('in the gallery');
  expect((await say('privacy consents')).words).toContain('1 shown');
  const out = await say(buttonsOf(agreed)[0] ?? '');
  expect(out.words).toContain('Taken out');
  expect(await app().models.galleryItems.findById(item._id)).toBeNull();
  expect((await app().storage.list(`gallery/${item._id}`)).keys).toEqual([]);
});

test('nobody shows, sees or takes out the video of somebody else', async () => {
  const owner = await newcomer();
  const other = await newcomer();
  const { _id } = await newVideo(app(), owner.account, { video: Buffer.from('bytes') });
  const question = await owner.say(`privacy consents gallery=${_id}`);
  await owner.say(agreeButton(question));
  for (const line of [`privacy consents gallery=${_id}`, agreeButton(question)])
    expect((await other.say(line)).words).toContain('cannot find that video among yours');
  await other.say(`privacy consents hide=${_id}`);
  expect((await other.say('privacy consents page=1')).words).not.toContain('fox');
  expect(await app().models.galleryItems.countDocuments({ generation: _id, state: 'copying' })).toBe(1);
  expect(await prove(app(), owner.account.id, 'gallery', _id)).toBeDefined();
});

test('linked accounts are one person: a no on one of them holds for both', async () => {
  const here = await newcomer();
  const there = await newcomer();
  await app().models.accounts.updateOne({ _id: here.account.id }, { partner: there.account.id });
  await app().models.accounts.updateOne({ _id: there.account.id }, { partner: here.account.id });
  await here.say(agreeButton(await here.say('privacy consents grant=improvement')));
  for (const { account } of [here, there]) expect(await prove(app(), account.id, 'improvement')).toBeDefined();
  await there.say('privacy consents withdraw=improvement');
  for (const { account } of [here, there]) expect(await prove(app(), account.id, 'improvement')).toBeUndefined();
});

test('every button fits into 64 bytes, also for the longest ids', async () => {
  const { say, account } = await newcomer();
  const id = `dc-18446744${randomInt(10 ** 11, 10 ** 12)}`;
  await newVideo(app(), account, { _id: id });
  for (const line of [
    'privacy consents',
    'privacy consents page=1',
    `privacy consents gallery=${id}`,
    'privacy consents grant=improvement',
  ]) {
    const commands = buttonsOf(await say(line));
    expect(commands.length).toBeGreaterThan(1);
    for (const command of commands) expect(Buffer.byteLength(command)).toBeLessThanOrEqual(64);
  }
});
