import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDiscordRemove, createDiscordSend } from '../../../bots/discord/index.ts';
import type { DiscordPlace, Remove, Reply, Send } from '../../../core/chat.ts';
import type { AskedRequest, DiscordPerson } from '../../../simulator/discord/index.ts';
import { askedPlace, buildVideo, createStage, MINUTE, requestsTo, type Stage } from './stage.ts';

let stage: Stage;
let send: Send;
let remove: Remove;

beforeEach(async () => {
  stage = await createStage();
  const { token, api } = stage.simulator;
  send = createDiscordSend({ token, api, log: stage.log, now: stage.now });
  remove = createDiscordRemove({ token, api, now: stage.now });
});
afterEach(() => stage.close());

const done: Reply = { text: ['Here is your video'], video: buildVideo(Buffer.from('0000ftypisom')) };
const deletions = () => requestsTo(stage.simulator, 'DELETE', /\/messages\/\d+$/);
const answers = (person: DiscordPerson) => person.messages().filter(({ from }) => from === 'bot');

/** A place in which a video has just been delivered, and the video's message. */
async function delivered(person: DiscordPerson, later = 0): Promise<{ place: DiscordPlace; message: string }> {
  const place = await askedPlace(stage, person);
  stage.pass(later);
  const { message = '' } = await send(place, done, { key: 'r-1', kind: 'result' });
  return { place, message };
}

describe('a delivered video is taken back', () => {
  test('through the interaction while its token lives, without the token of the bot', async () => {
    const person = stage.simulator.person();
    const { place, message } = await delivered(person);
    expect(await remove(place, message)).toBe('removed');
    expect(answers(person)).toEqual([]);
    expect(deletions().map(({ authorized }) => authorized)).toEqual([false]);
  });

  test('in the channel by the bot afterwards, however long that is', async () => {
    const person = stage.simulator.person();
    const { place, message } = await delivered(person);
    stage.pass(400 * 24 * 60 * MINUTE);
    expect(await remove(place, message)).toBe('removed');
    expect(answers(person)).toEqual([]);
    expect(deletions()).toMatchObject([{ path: `/channels/${place.chat}/messages/${message}`, authorized: true }]);
  });

  test('in the direct chat where it had to be delivered there', async () => {
    const person = stage.simulator.person({ userInstallOnly: true });
    const { place, message } = await delivered(person, 16 * MINUTE);
    expect(await remove(place, message)).toBe('removed');
    expect(stage.simulator.person({ name: person.name, guild: false }).messages()).toEqual([]);
  });

  test('though Discord said that the token lives longer than it does', async () => {
    const { place, message } = await delivered(stage.simulator.person());
    stage.simulator.tokenLivesMs = MINUTE;
    stage.pass(5 * MINUTE);
    expect(await remove(place, message)).toBe('removed');
  });

  test('even when only the person sees it, while the token lives', async () => {
    const person = stage.simulator.person();
    let place: DiscordPlace | undefined;
    const bot = await stage.start(async (request) => {
      if (request.place.platform === 'discord') place = request.place;
      return { text: ['For you'], private: true };
    });
    person.command('videos');
    const { id } = await person.until(({ text }) => text === 'For you');
    await bot.close();
    if (!place) throw new Error('nothing was asked');
    expect(await remove(place, id)).toBe('removed');
    expect(answers(person)).toEqual([]);
  });
});

describe('a message that cannot be taken back', () => {
  test('is gone when it is no longer there, or never was', async () => {
    const { place, message } = await delivered(stage.simulator.person());
    await remove(place, message);
    expect(await remove(place, message)).toBe('gone');
    expect(await remove(place, '1')).toBe('gone');
    const before = deletions().length;
    expect(await remove(place, '../../guilds/1')).toBe('gone');
    expect(deletions()).toHaveLength(before);
  });

  test('is gone with its channel', async () => {
    const { place, message } = await delivered(stage.simulator.person());
    stage.pass(16 * MINUTE);
    expect(await remove({ ...place, chat: '99' }, message)).toBe('gone');
  });

  test('is refused where the bot may not look any more, and the door is not tried again for a while', async () => {
    const person = stage.simulator.person();
    const { place, message } = await delivered(person);
    stage.pass(16 * MINUTE);
    stage.simulator.permissions.set(place.chat, 0n);
    expect([await remove(place, message), await remove(place, message)]).toEqual(['refused', 'refused']);
    const inChannel = () => deletions().filter(({ path }) => path.includes(place.chat));
    expect(inChannel().map(({ status }) => status)).toEqual([403]);
    stage.pass(11 * MINUTE);
    stage.simulator.permissions.clear();
    expect(await remove(place, message)).toBe('removed');
    expect(answers(person)).toEqual([]);
  });

  test('is refused when somebody else wrote it', async () => {
    const person = stage.simulator.person();
    const { place } = await delivered(person);
    person.say('mine');
    const [mine] = person.messages().filter(({ text }) => text === 'mine');
    stage.pass(16 * MINUTE);
    expect(await remove(place, mine?.id ?? '')).toBe('refused');
  });
});

describe('a removal that failed', () => {
  const failures = [
    { status: 502, body: {} },
    { status: 401, body: { message: '401: Unauthorized', code: 0 } },
    { status: 429, body: { message: 'slow', code: 0, retry_after: 600, global: false }, headers: { 'retry-after': '600' } },
    { lose: 'request' as const },
  ];

  test.each(failures)('is worth another try, and says no token: %j', async (failure) => {
    const { place, message } = await delivered(stage.simulator.person());
    stage.pass(16 * MINUTE);
    stage.simulator.forced.push({ match: ({ method }: AskedRequest) => method === 'DELETE', ...failure });
    const error: unknown = await remove(place, message).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'DiscordFailure' });
    for (const secret of [place.interaction.token, stage.simulator.token]) {
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
    }
    const { token, api } = stage.simulator;
    expect(await createDiscordRemove({ token, api, now: stage.now })(place, message)).toBe('removed');
  });
});
