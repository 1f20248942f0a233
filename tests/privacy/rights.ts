import { expect } from 'vitest';
import type { MailSimulator } from '../../simulator/mail.ts';
import type { Person, SeenMessage } from '../../simulator/person.ts';
import { answer, count, fileOf, PATIENCE_MS, press, pressOn, says } from './chat.ts';

// What a person does about their own data, in the chat and with its buttons.

export async function correctName(person: Person, name: string): Promise<void> {
  await answer(person, () => person.command('privacy correct', { field: 'name', value: name }), 'Corrected.');
}

/** Gives an address and the code that arrives there. */
export async function addMail(person: Person, mail: MailSimulator, address: string): Promise<void> {
  await answer(person, () => person.command('privacy correct', { field: 'mail', value: address }), 'I sent a code');
  const { text } = await mail.until(({ to }) => to.toLowerCase() === address.toLowerCase(), PATIENCE_MS);
  const code = /^Your code: (\d{6})$/m.exec(text)?.[1] ?? '';
  await answer(person, () => person.command('privacy correct', { code }), 'Confirmed.');
}

export async function agreeTo(person: Person, what: 'News' | 'Quality review'): Promise<SeenMessage> {
  const consents = await answer(person, () => person.command('privacy consents'), 'Your consents');
  return pressOn(person, consents, [
    [`${what}: read and decide`, 'I agree that'],
    ['I agree', `${what}: on.`],
  ]);
}

/** The newest video goes into the gallery; the answer has the button that takes it out. */
export async function showNewest(person: Person): Promise<SeenMessage> {
  const consents = await answer(person, () => person.command('privacy consents'), 'Your consents');
  return pressOn(person, consents, [
    ['Videos in the gallery', 'Your videos and the public gallery'],
    ['. Show in gallery', 'shows this one video'],
    ['I agree', 'Going into the gallery.'],
  ]);
}

export const takeAway = (person: Person, content: 'all' | 'data'): Promise<Buffer> =>
  fileOf(person, () => person.command('privacy export', { content }), /\.zip$/);

const RECEIPT = /^deletion-receipt-.*\.json$/;

/** The newest video goes for good; what arrives is the receipt. */
export async function deleteNewest(person: Person): Promise<Buffer> {
  const choice = await answer(person, () => person.command('privacy delete'), 'What shall I delete?');
  const asked = await pressOn(person, choice, [
    ['One video', 'Which video?'],
    ['Delete 1', 'Delete this video?'],
    ['Now', 'Are you sure?'],
  ]);
  return fileOf(person, () => press(person, asked, 'Yes, delete this video'), RECEIPT);
}

/** Everything goes for good; what arrives is the receipt. */
export async function leave(person: Person): Promise<Buffer> {
  const choice = await answer(person, () => person.command('privacy delete'), 'What shall I delete?');
  const asked = await pressOn(person, choice, [
    ['My account', 'Delete your account?'],
    ['Now', 'Are you sure?'],
  ]);
  return fileOf(person, () => press(person, asked, 'Yes, delete my account'), RECEIPT);
}

/** Every screen there is about privacy. */
export async function lookAround(person: Person): Promise<void> {
  const shown = await answer(person, () => person.command('privacy'), 'Your privacy');
  for (const [label, words] of [
    ['Export', 'Take your data with you'],
    ['Correct', 'What we call you'],
    ['Consents', 'Your consents'],
    ['Access log', 'Who looked at your data'],
    ['Policies', 'Privacy policy'],
  ] as const)
    await answer(person, () => press(person, shown, label), words);
}

/** Two accounts become one person: `there` shows the code, `here` enters it. */
export async function link(there: Person, here: Person): Promise<void> {
  const { text } = await answer(there, () => there.command('link'), 'One wallet');
  const code = /code=(\S+)/.exec(text)?.[1] ?? '';
  const offer = await answer(here, () => here.command('link', { code }), 'Join these two accounts?');
  await pressOn(here, offer, [['Join them', 'Joined.']]);
}

/** Buys a pack with Stars. Telegram only. */
export async function buyWithStars(person: Person): Promise<void> {
  const shop = await answer(person, () => person.command('buy'), 'Packs');
  press(person, shop, 'Small pack');
  const invoice = await person.until(({ invoice: asked }) => asked !== undefined && !asked.paid, PATIENCE_MS);
  person.pay(invoice.id);
  await count(person, says('is paid, thank you.'), 1);
  expect(invoice.invoice?.price).toContain('Stars');
}
