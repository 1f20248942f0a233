import { randomInt } from 'node:crypto';
import { vi } from 'vitest';
import { badRequest, Refusal } from '../../simulator/telegram/index.ts';
import type { Canaries } from './canaries.ts';
import { answer, count, isCancellable, isVideo, PATIENCE_MS, press, says } from './chat.ts';
import { makePicture } from './pictures.ts';
import type { Platforms } from './platforms.ts';
import { addMail, agreeTo, correctName, deleteNewest, lookAround, showNewest, takeAway } from './rights.ts';

/** What the pictures hold, for the search. */
export async function makePictures({ word }: Canaries) {
  return {
    discord: await makePicture('png', { width: 320, height: 240, words: word('DiscordExif') }),
    telegram: await makePicture('jpeg', { width: 320, height: 240, words: word('TelegramExif') }),
    // So tall that Telegram does not take it for a photo: it stays a file with a name.
    document: await makePicture('png', { width: 64, height: 1_400, words: word('DocumentExif') }),
  };
}

type Pictures = Awaited<ReturnType<typeof makePictures>>;

/** Everything that can be asked for, and everything that can go wrong, on both platforms at once. Resolves when all of it is answered. */
export async function tellEverything(platforms: Platforms, canaries: Canaries, pictures: Pictures): Promise<void> {
  // Before anybody else's file can be asked for: the refusal is for this one.
  await loseThePicture(platforms, canaries, pictures);
  await Promise.all([
    askInServer(platforms, canaries, pictures),
    askDirectly(platforms, canaries),
    askInTelegram(platforms, canaries, pictures),
    sendRubbish(platforms, canaries, pictures),
    readEverything(platforms, canaries),
    blockTheBot(platforms, canaries),
    askInGroup(platforms, canaries),
  ]);
}

async function askInServer({ discord, member }: Platforms, { word }: Canaries, pictures: Pictures): Promise<void> {
  const upload = ({ method, files }: { method: string; files: unknown[] }) => method === 'PATCH' && files.length > 0;
  discord.forced.push(
    { match: upload, status: 500, body: { message: word('DiscordAnswer') } },
    { match: upload, lose: 'request' },
  );
  member.command('generate', { prompt: `a fox ${word('Prompt')} LOSE STUMBLE WAIT`, seconds: 2 });
  member.command('generate', { prompt: `a fox ${word('Refused')} REFUSE`, seconds: 2 });
  member.command('generate', { prompt: `a fox ${word('Failed')} FAIL`, seconds: 2 });
  const image = { name: `${word('FileName')}.png`, data: pictures.discord };
  member.command('animate', { image, prompt: word('Wish'), seconds: 2 });
  await count(member, isVideo, 2);
  await count(member, says('No video this time'), 2);
  press(member, await member.until(isVideo), 'Again');
  await count(member, isVideo, 3);
}

async function askDirectly({ direct, mail }: Platforms, { word }: Canaries): Promise<void> {
  direct.command('generate', { prompt: `a whale ${word('Cancelled')}`, seconds: 10 });
  press(direct, await direct.until(isCancellable), 'Cancel');
  await direct.until(says('Cancelled.'), PATIENCE_MS);
  direct.command('generate', { prompt: `a whale ${word('DirectPrompt')}`, seconds: 2 });
  press(direct, await direct.until(isVideo, PATIENCE_MS), 'My videos');
  press(direct, await direct.until(says('Your videos'), PATIENCE_MS), '▶ 1');
  await count(direct, isVideo, 2);
  for (const name of ['settings', 'privacy', 'help', 'balance', 'start', 'cancel']) direct.command(name);
  await direct.until(says('nothing to cancel'), PATIENCE_MS);
  const dear = { prompt: `a whale ${word('Unaffordable')}`, seconds: 10 };
  for (const style of ['neon', 'noir', 'retro']) direct.command('generate', { ...dear, style });
  await direct.until(says('This video costs'), PATIENCE_MS);
  await count(direct, isCancellable, 2);
  for (const message of direct.messages().filter(isCancellable)) press(direct, message, 'Cancel');
  await count(direct, says('Cancelled.'), 5);
  await lookAround(direct);
  await correctName(direct, word('DirectName'));
  await addMail(direct, mail, `${word('DirectMail')}@example.com`);
  await agreeTo(direct, 'News');
  await takeAway(direct, 'data');
}

async function askInTelegram({ telegram, ann }: Platforms, { word }: Canaries, pictures: Pictures): Promise<void> {
  const here = ({ chat_id }: Record<string, unknown>) => Number(chat_id) === ann.chat;
  telegram.forced.push(
    { method: 'sendVideo', when: here, answer: new Refusal(500, `Internal Server Error: ${word('TelegramAnswer')}`) },
    { method: 'sendVideo', when: here, answer: 'break before' },
    { method: 'sendMessage', when: here, answer: badRequest(`can't parse entities: ${word('TelegramRefusal')}`) },
    {
      method: 'getUpdates',
      when: ({ timeout }) => Number(timeout) > 0,
      answer: new Refusal(502, `Bad Gateway: ${word('PollAnswer')}`),
    },
  );
  ann.say(`/start ${word('Link')}`);
  ann.say(`a ship ${word('Spoken')} seconds=2`);
  ann.sendPicture({ name: `${word('PhotoName')}.jpg`, data: pictures.telegram }, `${word('Caption')} seconds=2`);
  await count(ann, isVideo, 2);
  press(ann, await ann.until(isVideo), 'My videos');
  press(ann, await ann.until(says('Your videos'), PATIENCE_MS), '▶ 1');
  await count(ann, isVideo, 3);
  const shown = await showNewest(ann);
  await takeAway(ann, 'all');
  await answer(ann, () => press(ann, shown, 'Take it out'), 'Taken out.');
  await deleteNewest(ann);
}

async function loseThePicture({ telegram, bob }: Platforms, { word }: Canaries, pictures: Pictures): Promise<void> {
  telegram.forced.push({ method: 'getFile', answer: badRequest(`wrong file_id ${word('FileAnswer')}`) });
  bob.sendPicture({ name: `${word('LostName')}.jpg`, data: pictures.telegram }, word('LostCaption'));
  await bob.until(says('Something broke'), PATIENCE_MS);
}

async function sendRubbish({ bob }: Platforms, { word }: Canaries, pictures: Pictures): Promise<void> {
  bob.sendPicture({ name: `${word('DocumentName')}.png`, data: pictures.document }, `${word('DocumentCaption')} seconds=2`);
  bob.sendPicture({ name: `${word('TextName')}.txt`, data: Buffer.from(word('TextContent')) }, word('TextCaption'));
  bob.say(`${word('TooLong')} `.repeat(60));
  bob.say(`a ship style=${word('Style')}`);
  bob.say(`/${word('Command').toLowerCase()} ${word('Words')}`);
  await bob.until(says('do not know that command'), PATIENCE_MS);
  await bob.until(isVideo, PATIENCE_MS);
}

/** Somebody who makes nothing, but looks at every screen and changes what can be changed. */
async function readEverything({ kim, mail }: Platforms, { word }: Canaries): Promise<void> {
  await lookAround(kim);
  await correctName(kim, word('KimName'));
  await addMail(kim, mail, `${word('KimMail')}@example.com`);
  await agreeTo(kim, 'Quality review');
}

async function blockTheBot({ telegram, eve }: Platforms, { word }: Canaries): Promise<void> {
  eve.say(`a ship ${word('Undelivered')} seconds=2`);
  await eve.until(({ from }) => from === 'bot', PATIENCE_MS);
  eve.block();
  await new Promise<void>((refused) => {
    const stop = telegram.watch((exchange) => {
      if (exchange.kind !== 'call' || exchange.call.method !== 'sendVideo' || exchange.call.error?.error_code !== 403) return;
      stop();
      refused();
    });
  });
}

async function askInGroup({ group }: Platforms, { word }: Canaries): Promise<void> {
  group.command('generate', { prompt: `a train ${word('GroupPrompt')}`, seconds: 2 });
  await group.until(isVideo, PATIENCE_MS);
}

/** What no client of Discord lets a person send, but anybody could who speaks for Discord: each as an interaction of its own. */
export async function sendForgeries(
  { discord, interactions, tokens, member }: Platforms,
  { word, snowflake }: Canaries,
): Promise<void> {
  const forgeries = [
    { type: 2, data: { id: '1', type: 1, name: word('ForgedCommand').toLowerCase() } },
    { type: 2, data: generate({ prompt: `${word('ForgedLong')} `.repeat(60) }) },
    { type: 2, data: generate({ prompt: 'a fox', style: word('ForgedStyle') }) },
    { type: 3, data: { id: 1, component_type: 2, custom_id: `videos show=${word('ForgedButton')}` } },
  ];
  for (const forgery of forgeries) {
    const token = word(`Forged${snowflake()}`);
    tokens.add(token);
    discord.forced.push(
      { match: ({ path }) => path.includes(token), status: 204 },
      { match: ({ path }) => path.includes(token), status: 200, body: { id: snowflake() } },
    );
    const id = String(randomInt(2 ** 47));
    const template = interactions.find(({ type }) => type === forgery.type);
    discord.dispatch('INTERACTION_CREATE', { ...template, ...forgery, id, token }, member.guildId);
    const isAnswer = ({ method, path }: { method: string; path: string }) => method === 'PATCH' && path.includes(token);
    await vi.waitUntil(() => discord.requests.some(isAnswer), { timeout: PATIENCE_MS });
  }
  discord.dispatch('INTERACTION_CREATE', { ...interactions[0], token: `no token ${word('Malformed')}` }, member.guildId);
}

const generate = (values: Record<string, string>) => ({
  id: '1',
  type: 1,
  name: 'generate',
  options: Object.entries(values).map(([name, value]) => ({ name, type: 3, value })),
});

/** What anybody can send to the web pages: forged word of a payment, a receipt of their own, and addresses that lead nowhere. */
export async function sendHints(url: string, { word }: Canaries): Promise<number[]> {
  const origin = new URL(url).origin;
  const post = (path: string, body: string, headers: Record<string, string>) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { origin, ...headers }, body });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const signature = { 'stripe-signature': `t=1,v1=${word('Signature')}` };
  const answers = [
    await post('/webhooks/stripe', JSON.stringify({ id: word('Event'), object: 'event' }), signature),
    await post('/receipt', `receipt=${word('Receipt')}`, form),
    await post(`/pay/${word('Order')}`, `token=${word('PayToken')}`, form),
  ];
  for (const path of ['/d/', '/m/', '/gallery/', '/news/', '/pay/', '/policy/']) {
    answers.push(await fetch(`${url}${path}${word('Address')}`, { headers: { 'user-agent': word('Browser') } }));
  }
  return answers.map(({ status }) => status);
}
