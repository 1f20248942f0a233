import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createTelegramRemove } from '../../../bots/telegram/index.ts';
import {
  badRequest,
  forbidden,
  Refusal,
  type TelegramOptions,
  tooManyRequests,
  upgraded,
} from '../../../simulator/telegram/index.ts';
import { discordPlace } from '../../support/requests.ts';
import { buildLog, buildSend, buildTelegram, buildVideo, hide, privately, RESULT } from './building.ts';

/** A person to whom a video was delivered, and the video's message. */
async function delivered(options: TelegramOptions = {}, group?: { id: number; title: string }) {
  const telegram = await buildTelegram(options);
  const person = telegram.person(group ? { group } : {});
  person.say('/hello@lpm_ai_bot');
  const place = privately(person, { group: group !== undefined });
  const { message = '' } = await buildSend(telegram)(place, { text: ['Here'], video: (await buildVideo()).video }, RESULT);
  const remove = createTelegramRemove({ token: telegram.token, apiRoot: telegram.url, log: buildLog(), hide });
  onTestFinished(() => remove.close());
  const shown = () => person.messages().filter(({ from }) => from === 'bot');
  const deletions = () => telegram.calls.filter(({ method }) => method === 'deleteMessage');
  return { telegram, person, place, message, remove, shown, deletions };
}

test.each([undefined, { id: -1001, title: 'Films' }])('takes a delivered video back: %j', async (group) => {
  const { place, message, remove, shown } = await delivered({}, group);
  expect(shown()).toHaveLength(1);
  expect(await remove(place, message)).toBe('removed');
  expect(shown()).toEqual([]);
});

test('says that a message is gone that is no longer there, and asks for none that cannot be', async () => {
  const { place, message, remove, deletions } = await delivered();
  await remove(place, message);
  expect([await remove(place, message), await remove(place, '0'), await remove(place, '1/../2')]).toEqual([
    'gone',
    'gone',
    'gone',
  ]);
  expect(deletions()).toHaveLength(2);
});

test('is refused what is older than two days, and leaves it where it is', async () => {
  let at = Date.UTC(2026, 10, 24);
  const { place, message, remove, shown } = await delivered({ now: () => at });
  at += 48 * 3600_000 + 1000;
  expect(await remove(place, message)).toBe('refused');
  expect(shown()).toHaveLength(1);
});

test('is refused by somebody who blocked the bot, and in a group that threw it out', async () => {
  const alone = await delivered();
  alone.person.block();
  expect(await alone.remove(alone.place, alone.message)).toBe('refused');
  const inGroup = await delivered({}, { id: -1001, title: 'Films' });
  inGroup.telegram.blocked.add(-1001);
  expect(await inGroup.remove(inGroup.place, inGroup.message)).toBe('refused');
});

test.each([
  [badRequest('chat not found'), 'gone'],
  [badRequest("message can't be deleted"), 'refused'],
  [forbidden('bot is not a member of the supergroup chat'), 'refused'],
  [forbidden('something new'), 'refused'],
] as const)('reads what Telegram says: %s', async (answer, verdict) => {
  const { telegram, place, message, remove } = await delivered();
  telegram.forced.push({ method: 'deleteMessage', answer });
  expect(await remove(place, message)).toBe(verdict);
});

test('does not delete under the same id in the supergroup that a group became', async () => {
  const { telegram, place, message, remove, deletions } = await delivered({}, { id: -1001, title: 'Films' });
  telegram.forced.push({ method: 'deleteMessage', answer: upgraded(-1002) });
  expect(await remove(place, message)).toBe('refused');
  expect(deletions()).toHaveLength(1);
});

test('waits as long as Telegram asks', async () => {
  const { telegram, place, message, remove, deletions } = await delivered();
  telegram.forced.push({ method: 'deleteMessage', answer: tooManyRequests(1) });
  expect(await remove(place, message)).toBe('removed');
  const [first, second] = deletions();
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(900);
});

test.each([new Refusal(502, 'Bad Gateway'), tooManyRequests(600), 'break before'] as const)(
  'is worth another try, and says no token, when Telegram fails: %s',
  async (answer) => {
    const { telegram, place, message, remove } = await delivered();
    telegram.forced.push({ method: 'deleteMessage', answer });
    const error: unknown = await remove(place, message).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(telegram.token);
  },
);

test('has nothing to do with other platforms', async () => {
  const { remove } = await delivered();
  await expect(remove(discordPlace(), '1')).rejects.toThrow('handed to Telegram');
});
