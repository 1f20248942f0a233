import { type APIMessage, Routes } from 'discord.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DiscordPerson } from '../../../simulator/discord/index.ts';
import { codeOf, commandOf, createClock, HELP, openStage, refusalOf, type Stage, through } from './stage.ts';

const MIB = 1024 * 1024;
const long = (count: number) => 'x'.repeat(count);
const list = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const button = (id: string | number, more: object = {}) => ({ type: 2, style: 1, label: 'Press', custom_id: `${id}`, ...more });
const rows = (...components: object[][]) => ({ components: components.map((inside) => ({ type: 1, components: inside })) });
const bytes = (size: number, name = 'a.mp4') => ({ name, data: Buffer.alloc(size) });

let stage: Stage;
let clock: ReturnType<typeof createClock>;
let ann: DiscordPerson;

beforeEach(async () => {
  clock = createClock();
  stage = await openStage({ now: clock.now });
  ann = stage.simulator.person({ name: 'Ann' });
});
afterEach(() => stage.close());

const post = (body: unknown, files: { name: string; data: Buffer }[] = [], channel = ann.channelId) =>
  stage.rest.post(Routes.channelMessages(channel), { body, files }) as Promise<APIMessage>;
const openDirect = async (user: string) =>
  ((await stage.rest.post(Routes.userChannels(), { body: { recipient_id: user } })) as { id: string }).id;

describe('the form of a message', () => {
  const wrong: [string, object, string][] = [
    ['content of 2001 characters', { content: long(2001) }, 'errors.content._errors.0.code BASE_TYPE_MAX_LENGTH'],
    ['six buttons in a row', rows(list(6, button)), 'errors.components.0.components._errors.0.code BASE_TYPE_BAD_LENGTH'],
    ['six rows', rows(...list(6, (index) => [button(index)])), 'errors.components._errors.0.code BASE_TYPE_MAX_LENGTH'],
    [
      'a label of 81',
      rows([button(1, { label: long(81) })]),
      'errors.components.0.components.0.label._errors.0.code BASE_TYPE_MAX_LENGTH',
    ],
    [
      'a custom_id of 101',
      rows([button(long(101))]),
      'errors.components.0.components.0.custom_id._errors.0.code BASE_TYPE_BAD_LENGTH',
    ],
    [
      'no custom_id',
      rows([{ type: 2, style: 1, label: 'x' }]),
      'errors.components.0.components.0.custom_id._errors.0.code BASE_TYPE_REQUIRED',
    ],
    ['a custom_id twice', rows([button(1)], [button(1)]), 'errors.components._errors.0.code COMPONENT_CUSTOM_ID_DUPLICATED'],
    ['eleven embeds', { embeds: list(11, () => ({ title: 't' })) }, 'errors.embeds._errors.0.code BASE_TYPE_MAX_LENGTH'],
    ['a number as content', { content: 5 }, 'errors.content._errors.0.code STRING_TYPE_CONVERT'],
    ['a nonce of 26', { content: 'x', nonce: long(26) }, 'errors.nonce._errors.0.code BASE_TYPE_MAX_LENGTH'],
    [
      'Components V2 with content',
      { flags: 1 << 15, content: 'x', components: [{ type: 10, content: 'y' }] },
      'errors.content._errors.0.code MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    [
      'a component of V2 without its flag',
      { components: [{ type: 10, content: 'y' }] },
      'errors.components.0.type._errors.0.code UNION_TYPE_CHOICES',
    ],
    [
      'a ping named and general',
      { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } },
      'errors.allowed_mentions.users._errors.0.code MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
    ],
  ];
  test.each(wrong)('refuses %s', async (_, body, expected) => {
    const refused = await refusalOf(post(body));
    const [path = '', code] = expected.split(' ');
    expect([refused.status, refused.code]).toEqual([400, 50035]);
    expect(refused.rawError).toHaveProperty(path, code);
  });

  test('takes everything at its limit', async () => {
    const full = {
      content: long(2000),
      ...rows(...list(5, (row) => list(5, (index) => button(`${row}-${index}`, { label: long(80) })))),
    };
    expect((await post(full)).components).toHaveLength(5);
    expect(await post({ content: 'x', ...rows([button(long(100))]) })).toMatchObject({ content: 'x' });
  });

  test('refuses a message with nothing in it', async () => {
    expect(await codeOf(post({ content: ' ' }))).toBe(50006);
    expect(await codeOf(post({}))).toBe(50006);
    expect(await post({ embeds: [{ title: 'not empty' }] })).toMatchObject({ embeds: [{ title: 'not empty', type: 'rich' }] });
  });

  test('shows Components V2 with the file that they name and no other', async () => {
    const components = [
      {
        type: 17,
        components: [
          { type: 10, content: '**Done**' },
          { type: 12, items: [{ media: { url: 'attachment://a.mp4' } }] },
        ],
      },
    ];
    await post({ flags: 1 << 15, components }, [bytes(10), bytes(10, 'hidden.mp4')]);
    expect(ann.messages().at(-1)).toMatchObject({ html: '<b>Done</b>', files: [{ name: 'a.mp4' }] });
  });
});

describe('files', () => {
  test('are refused above the limit of the channel or of the interaction', async () => {
    expect((await post({}, [bytes(10 * MIB)])).attachments[0]?.size).toBe(10 * MIB);
    const refused = await refusalOf(post({}, [bytes(10 * MIB + 1)]));
    expect([refused.status, refused.code]).toEqual([413, 40005]);
    await stage.login();
    await stage.register(HELP);
    const asked = await commandOf(stage, () => ann.command('help'));
    stage.simulator.attachmentLimit = 20 * MIB;
    await through(stage, asked).callback({ type: 5 });
    expect(await codeOf(through(stage, asked).edit({}, [bytes(10 * MIB + 1)]))).toBe(40005);
  });

  test('are refused when the whole request is above 25 MiB, or when there are eleven', async () => {
    expect(
      await codeOf(
        post(
          {},
          list(3, () => bytes(9 * MIB)),
        ),
      ),
    ).toBe(40005);
    expect(
      await codeOf(
        post(
          {},
          list(11, (index) => bytes(1, `${index}.png`)),
        ),
      ),
    ).toBe(50035);
  });

  test('get a fresh address, which dies after a day, with every reading', async () => {
    const { id, attachments } = await post({}, [bytes(5)]);
    const first = attachments[0]?.url ?? '';
    clock.forward(24 * 3600_000);
    expect((await fetch(first)).status).toBe(404);
    const again = (await stage.rest.get(Routes.channelMessage(ann.channelId, id))) as APIMessage;
    expect((await fetch(again.attachments[0]?.url ?? '')).status).toBe(200);
  });
});

describe('a channel', () => {
  test('gives the first message back for the same nonce, for some minutes', async () => {
    const body = { content: 'once', nonce: 'job-42', enforce_nonce: true };
    const first = await post(body);
    expect(first).toMatchObject({ nonce: 'job-42', content: 'once' });
    expect((await post({ ...body, content: 'again' })).id).toBe(first.id);
    expect((await post({ content: 'not enforced', nonce: 'job-42' })).id).not.toBe(first.id);
    clock.forward(6 * 60_000);
    expect((await post(body)).id).not.toBe(first.id);
  });

  test('lets the bot read, edit and delete its own messages and nobody else’s', async () => {
    const { id } = await post({ content: 'one' });
    await stage.rest.patch(Routes.channelMessage(ann.channelId, id), { body: { content: 'two' } });
    expect(await stage.rest.get(Routes.channelMessage(ann.channelId, id))).toMatchObject({
      content: 'two',
      edited_timestamp: expect.any(String),
    });
    ann.say('hello');
    const listed = (await stage.rest.get(Routes.channelMessages(ann.channelId))) as APIMessage[];
    expect(listed.map(({ content }) => content)).toEqual(['', 'two']);
    const hers = Routes.channelMessage(ann.channelId, listed[0]?.id ?? '');
    expect(await codeOf(stage.rest.patch(hers, { body: { content: 'x' } }))).toBe(50005);
    expect(await codeOf(stage.rest.delete(hers))).toBe(50013);
    await stage.rest.delete(Routes.channelMessage(ann.channelId, id));
    expect(await codeOf(stage.rest.get(Routes.channelMessage(ann.channelId, id)))).toBe(10008);
    expect(ann.messages().map(({ from, text }) => [from, text])).toEqual([['person', 'hello']]);
  });

  test('hides ephemeral answers from the bot’s own token', async () => {
    await stage.login();
    await stage.register(HELP);
    const routes = through(stage, await commandOf(stage, () => ann.command('help')));
    await routes.callback({ type: 4, data: { content: 'x', flags: 64 } });
    const { id } = (await routes.read()) as APIMessage;
    expect(await codeOf(stage.rest.patch(Routes.channelMessage(ann.channelId, id), { body: { content: 'y' } }))).toBe(10008);
  });

  test('answers a message that is there, and refuses one that is not', async () => {
    const { id } = await post({ content: 'one' });
    const reply = await post({ content: 'two', message_reference: { message_id: id } });
    expect(reply).toMatchObject({ type: 19, message_reference: { message_id: id }, referenced_message: { content: 'one' } });
    expect(await codeOf(post({ content: 'x', message_reference: { message_id: '1' } }))).toBe(50035);
    expect(await post({ content: 'x', message_reference: { message_id: '1', fail_if_not_exists: false } })).toMatchObject({
      type: 0,
    });
  });

  test('is closed where it is denied, where permissions are missing and where the bot is not', async () => {
    const { simulator } = stage;
    simulator.denied.set(ann.channelId, 50013);
    expect(await codeOf(post({ content: 'x' }))).toBe(50013);
    simulator.denied.clear();
    const everything = 0b1_1100_1100_0000_0000n;
    const without = (bit: bigint) => simulator.permissions.set(ann.channelId, everything & ~(1n << bit));
    without(10n);
    expect(await codeOf(post({ content: 'x' }))).toBe(50001);
    without(11n);
    expect(await codeOf(post({ content: 'x' }))).toBe(50013);
    without(15n);
    expect(await codeOf(post({ content: 'x' }, [bytes(1)]))).toBe(50013);
    const { id } = await post({ content: 'words only' });
    without(16n);
    expect(await codeOf(post({ content: 'x', message_reference: { message_id: id } }))).toBe(160002);
    const eve = simulator.person({ name: 'Eve', userInstallOnly: true });
    expect(await codeOf(post({ content: 'x' }, [], eve.channelId))).toBe(50001);
    expect(await codeOf(post({ content: 'x' }, [], '1'))).toBe(10003);
  });

  test('pings whom the bot allowed itself to ping', async () => {
    const content = `<@${ann.userId}> done`;
    expect(await post({ content, allowed_mentions: { parse: [], users: [ann.userId] } })).toMatchObject({
      mentions: [{ id: ann.userId }],
    });
    expect(await post({ content, allowed_mentions: { parse: [] } })).toMatchObject({ mentions: [] });
  });
});

describe('a direct chat', () => {
  test('is the one in which the person sees it', async () => {
    const direct = stage.simulator.person({ name: 'Ann', guild: false });
    expect(await openDirect(ann.userId)).toBe(direct.channelId);
    await post({ content: 'ready' }, [], direct.channelId);
    expect(direct.messages().map(({ text }) => text)).toEqual(['ready']);
  });

  test('opens but takes nothing where the person lets nobody write', async () => {
    stage.simulator.closedDms.add(ann.userId);
    const refused = await refusalOf(post({ content: 'x' }, [], await openDirect(ann.userId)));
    expect([refused.status, refused.code]).toEqual([403, 50007]);
    expect(await codeOf(openDirect('1'))).toBe(10013);
  });
});
