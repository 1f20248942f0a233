import { randomBytes } from 'node:crypto';
import { commands } from '../../../commands/index.ts';
import { applyCredits } from '../../../core/credits/account.ts';
import { recordPrivacyEvent } from '../../../core/privacy/events.ts';
import { money } from '../../../core/texts/money.ts';
import { AMOUNT, archives, buy, consents, erasures, leave, link, linkAndPart, mail, media, news } from './deeds.ts';
import { idsOf } from './owned.ts';
import { newPerson } from './people.ts';
import { lookAround, newSeen } from './seen.ts';
import type { Stage } from './stage.ts';

/** Something of A's that B must never read. `isWord`: only as a word of its own, since it is short. */
export interface Secret {
  name: string;
  text: string;
  isWord: boolean;
}

export type World = Awaited<ReturnType<typeof buildWorld>>;

/** A gift of credits that nobody else has, so that the balance tells whose it is. */
const GIFT = 7_654_321;

/**
 * Everything that one person can have here, made by the real commands. A is on Telegram and linked with C on Discord; before that A was
 * linked with X. L is about to leave. Somebody on Discord has entered a code of A's and has not decided.
 */
export async function buildWorld(stage: Stage) {
  const { shop, app, clock, letters, sendings } = stage;
  const mark = `zq${randomBytes(6).toString('hex')}`;
  const seen = newSeen();
  const secrets: Secret[] = [{ name: 'their words', text: mark, isWord: false }];
  const keep = (name: string, text: string, isWord = false) => void secrets.push({ name, text, isWord });
  const join = (platform: 'telegram' | 'discord') => newPerson(shop, platform, `${mark}name`, seen);
  const [a, c, undecided, l] = [await join('telegram'), await join('discord'), await join('discord'), await join('telegram')];
  const xSeen = newSeen();
  const x = await newPerson(shop, 'discord', 'Xeno', xSeen);

  const video = async (words: string, who = a) =>
    stage.finish((await who.say(`generate ${mark} fox ${words} seconds=2`)).follows ?? '');
  const made = [await video('one'), await video('two'), await video('three'), await video('four'), await video('five')];
  const ofC = await video('six', c);
  await media(stage, a, mark);

  await linkAndPart(a, x, xSeen, made);
  await buy(stage, a);
  const codes = await link(a, c, undecided);
  for (const code of await mail(stage, a, mark)) keep('a code of a mail', code, true);
  const gallery = await consents(stage, a, made);
  const receipt = await erasures(stage, a, made);
  await video('seven', l);
  await leave(l);
  const downloads = await archives(stage, { a, c }, made[0] ?? '', ofC);
  await news(stage, a);
  await recordPrivacyEvent(app, {
    ...{ accountId: a.id, actor: 'staff', role: 'support', action: 'looked_at_video', reason: 'fault', at: clock.at },
  });
  const version = '2027-03-01';
  const told = { version, mail: 'none', tries: 0, createdAt: new Date(clock.at) } as const;
  await app.models.policyNotices.create({ _id: `${version}:${a.id}`, accountId: a.id, ...told });

  // What runs and what is asked come late: a held reservation keeps accounts from being linked.
  await a.say(`generate ${mark} being made seconds=10`);
  await a.say('settings ask=5');
  await a.say(`generate ${mark} asked about seconds=8`);
  await a.say('unlink');
  for (const { reply } of sendings) seen.note(reply);
  for (const { text } of letters) seen.read(text);
  for (const person of [a, c, l]) await lookAround(person, seen, commands);

  const op = { key: 'grant:matrix', type: 'grant', lotId: 'matrix-gift', kind: 'goodwill', amount: GIFT } as const;
  await applyCredits({ connection: app.connection, accountId: a.id, op, at: clock.at });
  const { available = 0 } = (await app.models.creditAccounts.findById(a.id).lean()) ?? {};

  const victims = [a, c, l].map(({ id, keyId }) => ({ id, keyId }));
  const ids = await idsOf(app, victims);
  keep('their balance', String(available), true);
  keep('an amount', money(AMOUNT, 'usd'));
  for (const code of codes) keep('a link code', code, true);
  for (const { user } of [a, c, l]) keep('a user id', user, true);
  for (const { id, where } of ids) keep(where, id);
  for (const { code, pass, token } of downloads) {
    keep('a code', code, true);
    keep('a code', `${code.slice(0, 3)} ${code.slice(3)}`, true);
    keep('a pass', pass);
    keep('an address of media', token);
  }
  return { stage, a, c, l, x, xSeen, seen, secrets, victims, ids, codes, gallery, receipt, downloads };
}
