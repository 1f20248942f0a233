import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDiscordSend } from '../../../bots/discord/index.ts';
import type { Reply, Request } from '../../../core/chat.ts';
import { UserError } from '../../../core/errors.ts';
import type { AskedRequest, DiscordPerson } from '../../../simulator/discord/index.ts';
import { buildFile, buildVideo, COMMANDS, createStage, requestsTo, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const said = (text: string): Reply => ({ text: [text] });
const botMessages = (person: DiscordPerson) => person.messages().filter(({ from }) => from === 'bot');
const callbacks = () => requestsTo(stage.simulator, 'POST', /\/callback$/);
const menus = () => requestsTo(stage.simulator, 'PUT', /\/commands$/);
const toCallback = ({ path }: AskedRequest) => path.endsWith('/callback');
const toOriginal = ({ method, path }: AskedRequest) => method === 'PATCH' && path.endsWith('@original');

describe('an interaction', () => {
  test('is acknowledged before the work', async () => {
    const person = stage.simulator.person();
    let acknowledged: number | undefined;
    let finish = (_: Reply) => {};
    await stage.start(() => {
      acknowledged = callbacks()[0]?.status;
      return new Promise<Reply>((resolve) => {
        finish = resolve;
      });
    });
    person.command('generate', { prompt: 'a fox' });
    await person.until(({ pending }) => pending);
    await expect.poll(() => acknowledged).toBe(204);
    finish(said('Queued'));
    await person.until(({ text, pending }) => text === 'Queued' && !pending);
    expect(callbacks()).toMatchObject([{ json: { type: 5, data: {} } }]);
  });

  test('is answered once however often it arrives', async () => {
    const person = stage.simulator.person();
    const asked: Request[] = [];
    const answer = async (request: Request) => {
      asked.push(request);
      return said('Queued');
    };
    await stage.start(answer);
    await stage.start(answer);
    stage.simulator.deliverTimes = 3;
    person.command('generate', { prompt: 'a fox' });
    await person.until(({ text }) => text === 'Queued');
    await expect.poll(() => callbacks().map(({ status }) => status)).toEqual([204, 400]);
    expect([asked.length, botMessages(person).length, requestsTo(stage.simulator, 'PATCH', /./).length]).toEqual([1, 1, 1]);
  });

  test('brings options, the person and the language along', async () => {
    const person = stage.simulator.person({ name: 'Alice', locale: 'de' });
    const asked: Request[] = [];
    await stage.start(async (request) => {
      asked.push(request);
      return said('Queued');
    });
    person.command('generate', { prompt: 'a fox' });
    await person.until(({ text }) => text === 'Queued');
    expect(asked).toMatchObject([
      {
        id: expect.stringMatching(/^dc-\d{17,20}$/),
        command: 'generate',
        values: { prompt: 'a fox' },
        person: { name: 'Alice', language: 'de' },
        place: { platform: 'discord', chat: person.channelId, user: person.userId, canPost: true },
      },
    ]);
  });

  test('of a shape that nobody knows is ignored, and logged by a code', async () => {
    const person = stage.simulator.person();
    await stage.start(async () => said('Hello'));
    stage.simulator.dispatch('INTERACTION_CREATE', { id: '1', type: 77, token: 'secret-token' });
    await expect.poll(() => stage.logged.join('\n')).toContain('"code":"interaction_77"');
    person.command('videos');
    await person.until(({ text }) => text === 'Hello');
    expect(stage.logged.join('\n')).not.toContain('secret-token');
    expect(stage.complaints.splice(0)).toEqual([expect.stringContaining('INTERACTION_CREATE')]);
  });
});

describe('a button', () => {
  const offer: Reply = {
    text: ['Menu'],
    buttons: [
      [
        { label: 'My videos', command: 'videos page=2' },
        { label: 'Again', command: 'generate prompt=fox' },
      ],
    ],
  };

  test('sends its command line and gets a new answer', async () => {
    const person = stage.simulator.person();
    const asked: Request[] = [];
    await stage.start(async (request) => {
      asked.push(request);
      return request.words === undefined ? offer : said(`${request.command} ${request.words}`);
    });
    person.command('generate', { prompt: 'a fox' });
    const menu = await person.until(({ text }) => text === 'Menu');
    person.press(menu.id, 'generate prompt=fox');
    const answer = await person.until(({ text }) => text === 'generate prompt=fox');
    expect([answer.ephemeral, answer.id === menu.id]).toEqual([false, false]);
    expect(asked[1]).toMatchObject({ command: 'generate', words: 'prompt=fox' });
  });

  test('of a private command is answered to the person alone', async () => {
    const person = stage.simulator.person();
    await stage.start(async ({ command }) => (command === 'videos' ? said('Page 2') : offer));
    person.command('generate', { prompt: 'a fox' });
    const menu = await person.until(({ text }) => text === 'Menu');
    person.press(menu.id, 'videos page=2');
    const answer = await person.until(({ text }) => text === 'Page 2');
    const bystander = stage.simulator.person({ name: 'Bob' });
    expect([menu.ephemeral, answer.ephemeral]).toEqual([false, true]);
    expect(botMessages(bystander).map(({ text }) => text)).toEqual(['Menu']);
  });
});

test('keeps private answers ephemeral', async () => {
  const person = stage.simulator.person();
  await stage.start(async () => ({ ...said('Your videos'), private: true }));
  person.command('videos');
  const answer = await person.until(({ text }) => text === 'Your videos');
  expect(answer.ephemeral).toBe(true);
  expect(botMessages(stage.simulator.person({ name: 'Bob' }))).toEqual([]);
});

describe('the command menu', () => {
  test('is registered only when it changed', async () => {
    await (await stage.start(async () => said(''))).close();
    await (await stage.start(async () => said(''))).close();
    expect(menus()).toMatchObject([{ status: 200 }]);
    await stage.start(async () => said(''), { commands: COMMANDS.slice(1) });
    expect(stage.simulator.commands().map(({ name }) => name)).toEqual(['videos']);
    expect(menus()).toHaveLength(2);
  });

  test('is tried again at the next start when it was refused, and the bot works meanwhile', async () => {
    const person = stage.simulator.person();
    await (await stage.start(async () => said(''))).close();
    stage.simulator.forced.push({
      match: ({ method }) => method === 'PUT',
      status: 400,
      body: { message: 'Max daily', code: 30034 },
    });
    const commands = COMMANDS.map((command) => ({ ...command, about: 'New words' }));
    const bot = await stage.start(async () => said('Still here'), { commands });
    expect(stage.logged.join('\n')).toContain('"code":"30034"');
    person.command('videos');
    await person.until(({ text }) => text === 'Still here');
    await bot.close();
    await stage.start(async () => said(''), { commands });
    expect(stage.simulator.commands().map(({ description }) => description)).toEqual(['New words', 'New words']);
  });
});

describe('when Discord fails', () => {
  test('accepted work is answered in the channel though the acknowledgement was lost', async () => {
    const person = stage.simulator.person();
    await stage.start(async () => said('Queued'));
    stage.simulator.forced.push({ match: toCallback, status: 502 }, { match: toCallback, status: 502 });
    person.command('generate', { prompt: 'a fox' });
    await person.until(({ text }) => text.includes('Queued'));
    expect(requestsTo(stage.simulator, 'POST', /^\/channels/)).toMatchObject([{ json: { enforce_nonce: true } }]);
  });

  test('an acknowledgement of unknown fate counts as ours when Discord already has it', async () => {
    const person = stage.simulator.person();
    await stage.start(async () => said('Queued'));
    stage.simulator.forced.push({ match: toCallback, lose: 'answer' });
    person.command('generate', { prompt: 'a fox' });
    await person.until(({ text }) => text === 'Queued');
    expect(callbacks().map(({ status }) => status)).toEqual([0, 400]);
  });

  test('nothing is asked when the acknowledgement came too late', async () => {
    const person = stage.simulator.person();
    const asked: Request[] = [];
    await stage.start(async (request) => {
      asked.push(request);
      return said(request.command);
    });
    stage.simulator.forced.push({ match: toCallback, status: 404, body: { message: 'Unknown interaction', code: 10062 } });
    person.command('generate', { prompt: 'a fox' });
    person.command('videos');
    await person.until(({ text }) => text === 'videos');
    expect(asked.map(({ command }) => command)).toEqual(['videos']);
  });

  test('an answer is sent again', async () => {
    const person = stage.simulator.person();
    await stage.start(async () => said('Queued'));
    stage.simulator.forced.push({ match: toOriginal, status: 503 });
    person.command('generate', { prompt: 'a fox' });
    await person.until(({ text }) => text === 'Queued');
    expect(requestsTo(stage.simulator, 'PATCH', /@original$/).map(({ status }) => status)).toEqual([503, 200]);
  });

  test('an answer whose file is too large arrives without it', async () => {
    stage.simulator.attachmentLimit = 4;
    const person = stage.simulator.person();
    await stage.start(async () => ({ ...said('Your data'), file: buildFile(Buffer.from('12345')) }));
    person.command('videos');
    expect((await person.until(({ text }) => text === 'Your data')).files).toEqual([]);
    stage.simulator.attachmentLimit = 5;
    person.command('videos');
    const { files } = await person.until((message) => message.files.length > 0);
    expect(files).toMatchObject([{ kind: 'file', name: 'my-data.zip', size: 5 }]);
  });

  test('an answer whose video is too large arrives without it', async () => {
    stage.simulator.attachmentLimit = 4;
    const person = stage.simulator.person();
    await stage.start(async () => ({ ...said('Your last video'), video: buildVideo(Buffer.from('0000ftypisom')) }));
    person.command('videos');
    const answer = await person.until(({ text }) => text === 'Your last video');
    expect(answer.files).toEqual([]);
  });

  test('a late announcement does not paint over the finished video', async () => {
    const person = stage.simulator.person();
    const { token, api } = stage.simulator;
    const worker = createDiscordSend({ token, api, log: stage.log, now: stage.now });
    const announced: string[][] = [];
    let place: Request['place'] | undefined;
    const answer = async (request: Request) => {
      place = request.place;
      return { ...said('Queued'), follows: 'g1' };
    };
    await stage.start(answer, { announced: async (...news) => void announced.push(news) });
    stage.simulator.forced.push({ match: toOriginal, status: 503 });
    person.command('generate', { prompt: 'a fox' });
    await expect.poll(() => requestsTo(stage.simulator, 'PATCH', /@original$/).length).toBe(1);
    if (!place) throw new Error('nothing was asked');
    const video = { text: ['Done'], video: buildVideo(Buffer.from('0000ftypisom')) };
    const sent = await worker(place, video, { key: 'r-1', kind: 'result' });
    await expect.poll(() => announced).toEqual([['g1', sent.message]]);
    expect(botMessages(person)).toMatchObject([{ text: 'Done', files: [{ name: 'fox.mp4' }] }]);
  });
});

test('tells which message announced a generation', async () => {
  const person = stage.simulator.person();
  const announced: string[][] = [];
  const answer = async () => ({ ...said('Queued'), follows: 'g1' });
  await stage.start(answer, { announced: async (...news) => void announced.push(news) });
  person.command('generate', { prompt: 'a fox' });
  const { id } = await person.until(({ text }) => text === 'Queued');
  await expect.poll(() => announced).toEqual([['g1', id]]);
});

describe('an attached picture', () => {
  const picture = { name: 'fox.png', data: Buffer.alloc(5000, 7) };

  test('is fetched when it is asked for', async () => {
    const person = stage.simulator.person();
    await stage.start(async ({ image }) => said(`${image?.size} ${(await image?.read(5000))?.equals(picture.data)}`));
    person.command('generate', { prompt: 'a fox', picture });
    await person.until(({ text }) => text === '5000 true');
  });

  test('is refused over the limit in words that the person can act on', async () => {
    const person = stage.simulator.person();
    await stage.start(async ({ image }) => {
      const refused: unknown = await image?.read(4999).catch((error: unknown) => error);
      return said(refused instanceof UserError ? `${refused.code}: ${refused.message}` : 'taken');
    });
    person.command('generate', { prompt: 'a fox', picture });
    const { text } = await person.until(({ from, pending }) => from === 'bot' && !pending);
    expect(text).toMatch(/^image_too_large: .*nothing was charged/);
  });
});

describe('connecting', () => {
  test('asks for no intents and shows no presence', async () => {
    const { applicationId } = await stage.start(async () => said(''));
    expect(applicationId).toBe(stage.simulator.applicationId);
    const identify = stage.traffic.find((exchange) => exchange.kind === 'gateway' && exchange.op === 2);
    expect(identify).toMatchObject({ d: { intents: 0 } });
  });

  test('fails with a wrong token', async () => {
    await expect(stage.start(async () => said(''), { token: 'MTIz.wrong.token' })).rejects.toThrow(/token/i);
    expect(stage.simulator.connections()).toBe(0);
  });

  test('survives a lost connection', async () => {
    const person = stage.simulator.person();
    await stage.start(async () => said('Still here'));
    stage.simulator.dropConnections();
    const resumed = () => stage.traffic.some((exchange) => exchange.kind === 'gateway' && exchange.t === 'RESUMED');
    await expect.poll(resumed, { timeout: 5000 }).toBe(true);
    person.command('videos');
    await person.until(({ text }) => text === 'Still here');
  });
});

describe('closing', () => {
  test('waits for answers under way, takes no new ones, and disconnects', async () => {
    const person = stage.simulator.person();
    const asked: string[] = [];
    let finish = (_: Reply) => {};
    const bot = await stage.start(({ command }) => {
      asked.push(command);
      return new Promise<Reply>((resolve) => {
        finish = resolve;
      });
    });
    person.command('generate', { prompt: 'a fox' });
    await expect.poll(() => asked).toEqual(['generate']);
    const closed = bot.close();
    person.command('videos');
    finish(said('Queued'));
    await closed;
    expect(botMessages(person).map(({ text }) => text)).toEqual(['Queued']);
    await expect.poll(() => stage.simulator.connections()).toBe(0);
    expect(asked).toEqual(['generate']);
  });
});
