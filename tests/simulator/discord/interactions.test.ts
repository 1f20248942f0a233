import { type APIChatInputApplicationCommandInteraction, type APIMessage, Routes } from 'discord.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, commandOf, createClock, GENERATE, HELP, openStage, refusalOf, type Stage, through } from './stage.ts';

const MINUTE = 60_000;
const ROW = (...ids: string[]) => ({ type: 1, components: ids.map((id) => ({ type: 2, style: 1, label: id, custom_id: id })) });

let stage: Stage;
let clock: ReturnType<typeof createClock>;

beforeEach(async () => {
  clock = createClock();
  stage = await openStage({ now: clock.now });
  await stage.login();
  await stage.register(GENERATE, HELP);
});
afterEach(() => stage.close());

const help = (options: Parameters<Stage['simulator']['person']>[0] = { name: 'Ann' }) =>
  commandOf(stage, () => stage.simulator.person(options).command('help'));

describe('the callback', () => {
  test('is accepted within three seconds and refused after', async () => {
    const [early, late] = [await help(), await help()];
    clock.forward(3000);
    expect(await through(stage, early).callback({ type: 5 })).toBeInstanceOf(ArrayBuffer);
    clock.forward(1);
    expect(await codeOf(through(stage, late).callback({ type: 5 }))).toBe(10062);
  });

  test('is accepted once', async () => {
    const asked = await help();
    await through(stage, asked).callback({ type: 4, data: { content: 'first' } });
    expect(await codeOf(through(stage, asked).callback({ type: 4, data: { content: 'second' } }))).toBe(40060);
    expect(await through(stage, asked).read()).toMatchObject({ content: 'first', type: 20 });
  });

  test('is refused for a token of something else', async () => {
    const [one, other] = [await help(), await help()];
    expect(await codeOf(through(stage, { id: one.id, token: other.token }).callback({ type: 5 }))).toBe(10062);
  });

  test('tells of the message it made where that was asked for', async () => {
    const answer = await through(stage, await help()).callback({ type: 5, data: { flags: 64 } }, 'with_response=true');
    expect(answer).toMatchObject({
      interaction: { type: 2, response_message_loading: true, response_message_ephemeral: true },
      resource: { message: { flags: 64 | 128 } },
    });
  });

  test('takes only the types that fit what was done', async () => {
    const { errors } = (await refusalOf(through(stage, await help()).callback({ type: 7, data: {} }))).rawError as {
      errors: unknown;
    };
    expect(errors).toMatchObject({ type: { _errors: [{ code: 'BASE_TYPE_CHOICES' }] } });
    expect(await codeOf(through(stage, await help()).callback({ type: 5, data: { flags: 1 << 15 } }))).toBe(50035);
  });
});

describe('the token of an interaction', () => {
  test('is a webhook only after the acknowledgement', async () => {
    const asked = await help();
    expect(await codeOf(through(stage, asked).edit({ content: 'x' }))).toBe(10015);
    expect(await codeOf(through(stage, { id: asked.id, token: 'unknown' }).edit({ content: 'x' }))).toBe(10015);
  });

  test('dies after fifteen minutes', async () => {
    const asked = await help();
    await through(stage, asked).callback({ type: 5 });
    clock.forward(15 * MINUTE);
    await through(stage, asked).edit({ content: 'just in time' });
    clock.forward(1);
    const refused = await refusalOf(through(stage, asked).edit({ content: 'too late' }));
    expect([refused.status, refused.code]).toEqual([401, 50027]);
  });

  test('edits, reads and deletes its first answer', async () => {
    const routes = through(stage, await help());
    await routes.callback({ type: 4, data: { content: 'one' } });
    await routes.edit({ content: 'two' });
    expect(await routes.read()).toMatchObject({ content: 'two' });
    await routes.remove();
    expect(await codeOf(routes.read())).toBe(10008);
    expect(
      stage.simulator
        .person({ name: 'Ann' })
        .messages()
        .filter((message) => message.from === 'bot'),
    ).toEqual([]);
  });

  test('keeps the files that an edit names, and only those', async () => {
    const routes = through(stage, await help());
    await routes.callback({ type: 5 });
    const file = (name: string) => ({ name, data: Buffer.from(name) });
    const two = (await routes.edit({ content: 'x' }, [file('a.mp4'), file('b.png')])) as APIMessage;
    expect(two.attachments.map(({ filename, content_type }) => [filename, content_type])).toEqual([
      ['a.mp4', 'video/mp4'],
      ['b.png', 'image/png'],
    ]);
    expect(await routes.edit({ content: 'y' })).toMatchObject({ attachments: [{ filename: 'a.mp4' }, { filename: 'b.png' }] });
    const kept = { id: two.attachments[1]?.id };
    const mixed = (await routes.edit({ attachments: [kept, { id: '0', description: 'new' }] }, [file('c.mp4')])) as APIMessage;
    expect(mixed.attachments.map(({ filename, description }) => [filename, description])).toEqual([
      ['b.png', undefined],
      ['c.mp4', 'new'],
    ]);
    expect(await routes.edit({ attachments: [] })).toMatchObject({ attachments: [], content: 'y' });
  });

  test('keeps an answer as ephemeral as it was deferred', async () => {
    const [hidden, open] = [through(stage, await help()), through(stage, await help())];
    await hidden.callback({ type: 5, data: { flags: 64 } });
    await open.callback({ type: 5 });
    expect(await hidden.edit({ content: 'x' })).toMatchObject({ flags: 64 });
    expect(await open.edit({ content: 'x', flags: 64 })).toMatchObject({ flags: 0 });
  });

  test('lets the first follow-up take the place of "thinking"', async () => {
    const routes = through(stage, await help());
    await routes.callback({ type: 5, data: { flags: 64 } });
    const first = (await routes.follow({ content: 'first' })) as APIMessage;
    const second = (await routes.follow({ content: 'second' })) as APIMessage;
    expect(await routes.read()).toMatchObject({ id: first.id, content: 'first', flags: 64 });
    expect(second).toMatchObject({ content: 'second', flags: 0 });
  });

  test('sends five follow-ups for somebody who brought the app along, and no sixth', async () => {
    const asked = await help({ name: 'Eve', userInstallOnly: true });
    expect(asked.authorizing_integration_owners).toEqual({
      1: stage.simulator.person({ name: 'Eve', userInstallOnly: true }).userId,
    });
    const routes = through(stage, asked);
    await routes.callback({ type: 4, data: { content: 'x' } });
    for (let count = 1; count <= 5; count++) await routes.follow({ content: `${count}` });
    expect(await codeOf(routes.follow({ content: '6' }))).toBe(40094);
    await routes.edit({ content: 'edits are not counted' });
  });

  test('answers ephemerally where a guild wants no apps from outside', async () => {
    const eve = stage.simulator.person({ name: 'Eve', userInstallOnly: true });
    stage.simulator.externalAppsOff.add(eve.guildId ?? '');
    const routes = through(stage, await commandOf(stage, () => eve.command('help')));
    await routes.callback({ type: 4, data: { content: 'x' } });
    expect(await routes.read()).toMatchObject({ flags: 64 });
  });
});

describe('a pressed button', () => {
  async function pressed() {
    const ann = stage.simulator.person({ name: 'Ann' });
    const routes = through(stage, await commandOf(stage, () => ann.command('help')));
    await routes.callback({ type: 4, data: { content: 'menu', components: [ROW('more')] } });
    const message = await ann.until((seen) => seen.buttons.length > 0);
    return { ann, message, routes: through(stage, await commandOf(stage, () => ann.press(message.id, 'more'))) };
  }

  test('brings the message it sits on', async () => {
    const { message } = await pressed();
    expect(stage.interactions.at(-1)).toMatchObject({
      type: 3,
      data: { custom_id: 'more', component_type: 2 },
      message: { id: message.id, content: 'menu', author: { bot: true }, components: [{ type: 1 }] },
    });
  });

  test('can be answered by changing that message at once or later', async () => {
    const now = await pressed();
    await now.routes.callback({ type: 7, data: { content: 'changed', components: [] } });
    expect(now.ann.messages().find(({ id }) => id === now.message.id)).toMatchObject({
      text: 'changed',
      buttons: [],
      edited: true,
    });
    const later = await pressed();
    await later.routes.callback({ type: 6 });
    await later.routes.edit({ content: 'changed later' });
    expect(later.ann.messages().find(({ id }) => id === later.message.id)?.text).toBe('changed later');
  });

  test('can be answered with a message of its own', async () => {
    const { ann, message, routes } = await pressed();
    await routes.callback({ type: 4, data: { content: 'beside', flags: 64 } });
    expect(ann.messages().map(({ text }) => text)).toEqual(['/help', 'menu', 'beside']);
    expect(await routes.read()).toMatchObject({ interaction_metadata: { interacted_message_id: message.id } });
  });
});

describe('the other dialogs', () => {
  test('suggest what completes an option', async () => {
    await stage.register({ ...HELP, options: [{ type: 3, name: 'about', description: 'a', autocomplete: true }] });
    const ann = stage.simulator.person({ name: 'Ann' });
    const asked = await commandOf(stage, () => ann.type('help', 'about', 'cre'));
    expect(asked).toMatchObject({ type: 4, data: { options: [{ name: 'about', value: 'cre', focused: true }] } });
    expect(await codeOf(through(stage, asked).callback({ type: 5 }))).toBe(50035);
    await through(stage, asked).callback({ type: 8, data: { choices: [{ name: 'Credits', value: 'credits' }] } });
    expect(ann.suggestions()).toEqual([{ name: 'Credits', value: 'credits' }]);
  });

  test('open a modal and send it back', async () => {
    const ann = stage.simulator.person({ name: 'Ann' });
    const input = { type: 4, custom_id: 'prompt', style: 2, label: 'Prompt' };
    const modal = { custom_id: 'edit', title: 'Prompt', components: [{ type: 1, components: [input] }] };
    const routes = through(stage, await commandOf(stage, () => ann.command('help')));
    await routes.callback({ type: 9, data: modal });
    expect(ann.modal()).toEqual({ title: 'Prompt', inputs: ['prompt'] });
    const sent = await commandOf(stage, () => ann.submit({ prompt: 'a whale' }));
    expect(sent).toMatchObject({ type: 5, data: { custom_id: 'edit', components: [{ components: [{ value: 'a whale' }] }] } });
    expect(ann.modal()).toBeUndefined();
    await through(stage, sent).callback({ type: 4, data: { content: 'a whale then' } });
    expect(ann.messages().at(-1)?.text).toBe('a whale then');
  });
});

describe('the interaction', () => {
  test('carries a picture with the type its name claims and the size its bytes have', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d494844520000000300000002', 'hex');
    const ann = stage.simulator.person({ name: 'Ann' });
    const make = (name: string, data: Buffer) =>
      commandOf(stage, () =>
        ann.command('generate', { prompt: 'x', image: { name, data } }),
      ) as Promise<APIChatInputApplicationCommandInteraction>;
    const attachment = async (name: string, data: Buffer) =>
      Object.values((await make(name, data)).data.resolved?.attachments ?? {})[0];
    const real = await attachment('fox.png', png);
    expect(real).toMatchObject({ filename: 'fox.png', content_type: 'image/png', width: 3, height: 2, size: png.length });
    expect(new URL(real?.url ?? '').searchParams.get('hm')).toMatch(/^[0-9a-f]{64}$/);
    expect(Buffer.from(await (await fetch(real?.url ?? '')).arrayBuffer())).toEqual(png);
    const false_ = await attachment('notes.jpg', Buffer.from('no picture'));
    expect(false_).toMatchObject({ content_type: 'image/jpeg' });
    expect(false_).not.toHaveProperty('width');
  });

  test('tells what the bot may do in the channel and how large a file may be', async () => {
    stage.simulator.attachmentLimit = 50 << 20;
    const inside = await help();
    expect(inside).toMatchObject({ attachment_size_limit: 50 << 20, context: 0, guild_id: expect.any(String) });
    expect(BigInt(inside.app_permissions ?? 0) & (1n << 15n)).toBe(1n << 15n);
    expect((await help({ name: 'Eve', userInstallOnly: true })).app_permissions).toBe('0');
  });

  test('comes as often as the knob says', async () => {
    stage.simulator.deliverTimes = 3;
    const first = await help();
    await expect.poll(() => stage.interactions.length).toBe(3);
    expect(new Set(stage.interactions.map(({ id }) => id))).toEqual(new Set([first.id]));
  });

  test('leaves the client to say that nobody answered', async () => {
    const ann = stage.simulator.person({ name: 'Ann' });
    await help();
    expect(ann.messages()).toHaveLength(1);
    clock.forward(3001);
    expect(ann.messages().at(-1)).toMatchObject({ text: 'The application did not respond', ephemeral: true });
  });

  test('stays pending until the token has died', async () => {
    const ann = stage.simulator.person({ name: 'Ann' });
    const routes = through(stage, await help());
    await routes.callback({ type: 5 });
    expect(ann.messages().at(-1)).toMatchObject({ pending: true, text: '' });
    clock.forward(15 * MINUTE + 1);
    expect(ann.messages().at(-1)).toMatchObject({ pending: false, text: 'The application did not respond' });
  });
});

test('a direct chat cannot be written to by strangers of the application', async () => {
  const asked = await help();
  await through(stage, asked).callback({ type: 5 });
  const foreign = Routes.webhookMessage('1', asked.token, '@original');
  expect(await codeOf(stage.rest.patch(foreign, { auth: false, body: { content: 'x' } }))).toBe(10015);
});
