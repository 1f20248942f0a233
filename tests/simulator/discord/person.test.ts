import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { showMarkdown } from '../../../simulator/discord/markdown.ts';
import { pictureSize } from '../../../simulator/discord/messages/pictures.ts';
import { commandOf, HELP, openStage, type Stage, through } from './stage.ts';

describe('markdown', () => {
  const NOW = Date.UTC(2026, 0, 1);
  const soon = NOW / 1000 + 120;
  const shown: [string, string, string][] = [
    ['**bold** and *slanted* and _low_', '<b>bold</b> and <i>slanted</i> and <i>low</i>', 'bold and slanted and low'],
    ['`code **as it is**`', '<code>code **as it is**</code>', 'code **as it is**'],
    ['``with ` inside``', '<code>with ` inside</code>', 'with ` inside'],
    ['> one\n> two\nafter', '<blockquote>one<br>two</blockquote>after', 'one\ntwo\nafter'],
    ['no > quote', 'no &gt; quote', 'no > quote'],
    ['\\*plain\\* \\_words\\_', '*plain* _words_', '*plain* _words_'],
    ['snake_case_name', 'snake_case_name', 'snake_case_name'],
    ['**a *b* c**', '<b>a <i>b</i> c</b>', 'a b c'],
    ['one\ntwo', 'one<br>two', 'one\ntwo'],
    ['<script>"&\'</script>', '&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;', '<script>"&\'</script>'],
    [`<t:${soon}:R>`, '<time datetime="2026-01-01T00:02:00.000Z">in 2 minutes</time>', 'in 2 minutes'],
    [`<t:${soon}:t>`, '<time datetime="2026-01-01T00:02:00.000Z">00:02</time>', '00:02'],
    ['<@123> hello', '&lt;@123&gt; hello', '<@123> hello'],
  ];
  test.each(shown)('shows %j as the client does', (content, html, text) => {
    expect(showMarkdown(content, NOW)).toEqual({ html, text });
  });
});

describe('the size of a picture', () => {
  test.each(['png', 'jpeg', 'gif', 'webp'] as const)('is read from a real %s', async (format) => {
    const picture = sharp({ create: { width: 37, height: 21, channels: 3, background: 'teal' } });
    expect(pictureSize(await picture.toFormat(format).toBuffer())).toEqual({ width: 37, height: 21 });
  });

  test('is unknown for anything else', () => {
    expect(pictureSize(Buffer.from('GIF'))).toBeUndefined();
    expect(pictureSize(Buffer.from('ffd8ffe00004', 'hex'))).toBeUndefined();
    expect(pictureSize(Buffer.alloc(64))).toBeUndefined();
  });
});

describe('a person', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
    await stage.login();
    await stage.register(HELP);
  });
  afterEach(() => stage.close());

  test('is the same user in every chat, and somebody else under another name', () => {
    const { simulator } = stage;
    const [ann, direct, bob] = [
      simulator.person({ name: 'Ann' }),
      simulator.person({ name: 'Ann', guild: false }),
      simulator.person({ name: 'Bob' }),
    ];
    expect(direct.userId).toBe(ann.userId);
    expect(direct.channelId).not.toBe(ann.channelId);
    expect(bob.userId).not.toBe(ann.userId);
    expect(() => simulator.person({ name: 'Eve', userInstallOnly: true, guild: { id: ann.guildId ?? '', name: 'x' } })).toThrow(
      'the bot is in the guild',
    );
  });

  test('hears of every change until it stops listening', async () => {
    const ann = stage.simulator.person({ name: 'Ann' });
    let changes = 0;
    const stop = ann.onChange(() => {
      changes += 1;
    });
    const routes = through(stage, await commandOf(stage, () => ann.command('help')));
    const afterCommand = changes;
    await routes.callback({ type: 5 });
    const afterDefer = changes;
    stop();
    await routes.edit({ content: 'done' });
    expect(afterCommand).toBeGreaterThan(0);
    expect(afterDefer).toBeGreaterThan(afterCommand);
    expect(changes).toBe(afterDefer);
  });

  test('waits for a message that comes later, and not for ever', async () => {
    const ann = stage.simulator.person({ name: 'Ann' });
    const waiting = ann.until((message) => message.text === 'done');
    const routes = through(stage, await commandOf(stage, () => ann.command('help')));
    await routes.callback({ type: 4, data: { content: 'done' } });
    expect(await waiting).toMatchObject({ from: 'bot', text: 'done' });
    await expect(ann.until((message) => message.text === 'never', 20)).rejects.toThrow('Ann saw no such message within 20 ms');
  });

  test('says things that the bot does not hear', async () => {
    const ann = stage.simulator.person({ name: 'Ann' });
    ann.say('hello *there*');
    ann.sendPicture({ name: 'a.png', data: Buffer.from('x') }, 'look');
    expect(ann.messages()).toMatchObject([
      { from: 'person', html: 'hello <i>there</i>' },
      { from: 'person', text: 'look', files: [{ kind: 'image', name: 'a.png', size: 1 }] },
    ]);
    await commandOf(stage, () => ann.command('help'));
    expect(stage.interactions).toHaveLength(1);
  });

  test('cannot press what is not there, not theirs or disabled', async () => {
    const [ann, bob] = [stage.simulator.person({ name: 'Ann' }), stage.simulator.person({ name: 'Bob' })];
    const routes = through(stage, await commandOf(stage, () => ann.command('help')));
    const buttons = [
      { type: 2, style: 4, label: 'Go', custom_id: 'go' },
      { type: 2, style: 2, label: 'Off', custom_id: 'off', disabled: true },
      { type: 2, style: 5, label: 'Site', url: 'https://example.org/' },
    ];
    await routes.callback({ type: 4, data: { content: 'x', flags: 64, components: [{ type: 1, components: buttons }] } });
    const seen = await ann.until((message) => message.buttons.length > 0);
    expect(seen.buttons).toEqual([
      [
        { id: 'go', label: 'Go', tone: 'danger' },
        { id: 'off', label: 'Off', tone: 'plain' },
        { id: 'https://example.org/', label: 'Site', tone: 'plain', url: 'https://example.org/' },
      ],
    ]);
    expect(() => ann.press(seen.id, 'stay')).toThrow('no such button');
    expect(() => ann.press(seen.id, 'off')).toThrow('disabled');
    expect(() => bob.press(seen.id, 'go')).toThrow('no such button');
    const pressed = await commandOf(stage, () => ann.press(seen.id, 'go'));
    expect(pressed).toMatchObject({ type: 3, message: { flags: 64 } });
  });
});

test('the same seed and clock make the same ids and tokens', async () => {
  const opened = await Promise.all([openStage({ now: () => 0 }), openStage({ now: () => 0 })]);
  const [one, other] = opened.map(({ simulator }) => [
    simulator.applicationId,
    simulator.token,
    simulator.person({ name: 'Ann' }).userId,
  ]);
  expect(one).toEqual(other);
  expect(new Set(one).size).toBe(3);
  for (const { rest, close } of opened) {
    await rest.get('/gateway');
    await close();
  }
});
