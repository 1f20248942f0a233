import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandOf, GENERATE, HELP, openStage, refusalOf, type Stage, through } from './stage.ts';

const list = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const sub = (name: string, options: object[] = [], description = `To ${name}`) => ({ type: 1, name, description, options });
const CONTENT = {
  type: 3,
  name: 'content',
  description: 'How much',
  choices: [
    { name: 'Everything', value: 'everything' },
    { name: 'Data only', value: 'data' },
  ],
};
const PICTURE = { type: 11, name: 'picture', description: 'A picture' };
const PRIVACY = { ...HELP, name: 'privacy', options: [sub('show'), sub('export', [CONTENT]), sub('prove', [PICTURE])] };
const withOptions = (...options: object[]) => ({ name: 'a', description: 'b', options });

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

describe('registering', () => {
  const wrong: [string, object, string][] = [
    ['options beside sub-commands', withOptions(sub('s'), CONTENT), '1._errors.0.code APPLICATION_COMMAND_OPTIONS_TYPE_INVALID'],
    ['26 sub-commands', withOptions(...list(26, (n) => sub(`s${n}`))), '_errors.0.code BASE_TYPE_MAX_LENGTH'],
    [
      'a sub-command twice',
      withOptions(sub('s'), sub('s')),
      '1.name._errors.0.code APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
    ],
    ['one in a sub-command', withOptions(sub('s', [sub('t')])), '0.options.0.type._errors.0.code BASE_TYPE_CHOICES'],
    ['options in a group', withOptions({ ...sub('g', [CONTENT]), type: 2 }), '0.options.0.type._errors.0.code BASE_TYPE_CHOICES'],
    ['no description', withOptions({ type: 1, name: 's' }), '0.description._errors.0.code BASE_TYPE_REQUIRED'],
  ];
  test.each(wrong)('refuses %s', async (_, definition, expected) => {
    const refused = await refusalOf(stage.register(definition));
    const [path, code] = expected.split(' ');
    expect([refused.status, refused.code]).toEqual([400, 50035]);
    expect(refused.rawError).toHaveProperty(`errors.0.options.${path}`, code);
  });

  test('counts the characters of all sub-commands together', async () => {
    const choices = list(25, (n) => ({ name: 'x'.repeat(90), value: `${n}` }));
    const wide = list(4, (n) => sub(`s${n}`, [{ ...CONTENT, choices }]));
    expect(await refusalOf(stage.register(withOptions(...wide)))).toHaveProperty(
      'rawError.errors.0._errors.0.code',
      'APPLICATION_COMMAND_TOO_LARGE',
    );
  });
});

describe('the client', () => {
  beforeEach(async () => {
    await stage.login();
    await stage.register(PRIVACY, GENERATE);
  });

  test('lists each sub-command with its options in the place of the command', async () => {
    const menu = stage.simulator.person().menu();
    expect(menu.map(({ name, about }) => `${name}: ${about}`)).toEqual([
      'privacy show: To show',
      'privacy export: To export',
      'privacy prove: To prove',
      'generate: Make a video',
    ]);
    expect(menu[1]?.options).toMatchObject([
      { name: 'content', type: 'choice', choices: [{ value: 'everything' }, { value: 'data' }] },
    ]);
  });

  test('sends a sub-command with its options, as Discord does', async () => {
    const person = stage.simulator.person();
    const sent = await commandOf(stage, () => person.command('privacy export', { content: 'data' }));
    expect(sent).toMatchObject({
      type: 2,
      data: { name: 'privacy', options: [{ type: 1, name: 'export', options: [{ type: 3, name: 'content', value: 'data' }] }] },
    });
    await through(stage, sent).callback({ type: 4, data: { content: 'Here', flags: 64 } });
    expect(person.messages().map(({ text }) => text)).toEqual(['/privacy export content:data', 'Here']);
  });

  test('sends an attached picture along', async () => {
    const picture = { name: 'id.png', data: Buffer.alloc(9) };
    const sent = await commandOf(stage, () => stage.simulator.person().command('privacy prove', { picture }));
    const id = Object.keys(Object(sent.data).resolved.attachments)[0];
    expect(Object(sent.data).options).toEqual([{ type: 1, name: 'prove', options: [{ name: 'picture', type: 11, value: id }] }]);
  });

  test('leads whoever names the command alone to its first sub-command', async () => {
    const sent = await commandOf(stage, () => stage.simulator.person().command('privacy'));
    expect(Object(sent.data).options).toEqual([{ type: 1, name: 'show', options: [] }]);
  });

  test('sends nothing that the menu does not allow', async () => {
    const person = stage.simulator.person();
    expect(() => person.command('privacy forget')).toThrow('/privacy forget is not offered here');
    expect(() => person.command('privacy export', { page: 2 })).toThrow('/privacy export has no option page');
    expect(() => person.command('privacy export', { content: 'all' })).toThrow('content does not offer all');
  });

  test('completes the options of sub-commands', async () => {
    await stage.register({
      ...HELP,
      options: [sub('find', [{ type: 3, name: 'topic', description: 'About', autocomplete: true }])],
    });
    const person = stage.simulator.person();
    const sent = await commandOf(stage, () => person.type('help find', 'topic', 'vid'));
    expect(Object(sent.data).options).toMatchObject([
      { type: 1, name: 'find', options: [{ name: 'topic', value: 'vid', focused: true }] },
    ]);
  });

  test('knows sub-commands in groups', async () => {
    await stage.register({ ...HELP, options: [{ ...sub('about', [sub('me')]), type: 2 }, sub('all')] });
    const person = stage.simulator.person();
    expect(person.menu().map(({ name }) => name)).toEqual(['help about me', 'help all']);
    const sent = await commandOf(stage, () => person.command('help about me'));
    expect(Object(sent.data).options).toEqual([{ type: 2, name: 'about', options: [{ type: 1, name: 'me', options: [] }] }]);
  });
});
