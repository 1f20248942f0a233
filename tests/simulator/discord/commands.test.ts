import { Routes } from 'discord.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, createClock, GENERATE, HELP, openStage, refusalOf, type Stage } from './stage.ts';

const list = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const long = (count: number) => 'x'.repeat(count);
const command = (more: object) => ({ name: 'a', description: 'b', ...more });
const option = (more: object = {}) => ({ type: 3, name: 'a', description: 'b', ...more });
const withOptions = (...options: object[]) => command({ options });

let stage: Stage;
let clock: ReturnType<typeof createClock>;

beforeEach(async () => {
  clock = createClock();
  stage = await openStage({ now: clock.now });
});
afterEach(() => stage.close());

describe('registering', () => {
  const wrong: [string, object, string][] = [
    ['a name in upper case', command({ name: 'Video' }), '0.name._errors.0.code APPLICATION_COMMAND_INVALID_NAME'],
    ['a name with a space', command({ name: 'my video' }), '0.name._errors.0.code APPLICATION_COMMAND_INVALID_NAME'],
    ['no description', { name: 'a' }, '0.description._errors.0.code BASE_TYPE_REQUIRED'],
    ['a description of 101', command({ description: long(101) }), '0.description._errors.0.code BASE_TYPE_BAD_LENGTH'],
    ['26 options', withOptions(...list(26, (n) => option({ name: `n${n}` }))), '0.options._errors.0.code BASE_TYPE_MAX_LENGTH'],
    [
      '26 choices',
      withOptions(option({ choices: list(26, (n) => ({ name: `${n}`, value: `${n}` })) })),
      '0.options.0.choices._errors.0.code BASE_TYPE_MAX_LENGTH',
    ],
    [
      'an option twice',
      withOptions(option(), option()),
      '0.options.1.name._errors.0.code APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
    ],
    [
      'required after optional',
      withOptions(option(), option({ name: 'c', required: true })),
      '0.options.1._errors.0.code APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
    ],
    [
      'choices with autocomplete',
      withOptions(option({ autocomplete: true, choices: [{ name: 'n', value: 'v' }] })),
      '0.options.0.autocomplete._errors.0.code APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID',
    ],
    [
      'more than 8000 characters',
      withOptions(...list(4, (n) => option({ name: `n${n}`, choices: list(25, (m) => ({ name: long(90), value: `${m}` })) }))),
      '0._errors.0.code APPLICATION_COMMAND_TOO_LARGE',
    ],
    ['an unknown context', command({ contexts: [3] }), '0.contexts.0._errors.0.code BASE_TYPE_CHOICES'],
    ['an unknown installation', command({ integration_types: [2] }), '0.integration_types.0._errors.0.code BASE_TYPE_CHOICES'],
    [
      'an unknown language',
      command({ description_localizations: { xx: 'y' } }),
      '0.description_localizations.xx._errors.0.code BASE_TYPE_CHOICES',
    ],
    [
      'a translation of 101',
      command({ description_localizations: { de: long(101) } }),
      '0.description_localizations.de._errors.0.code BASE_TYPE_BAD_LENGTH',
    ],
  ];
  test.each(wrong)('refuses %s', async (_, definition, expected) => {
    const refused = await refusalOf(stage.register(definition));
    const [path, code] = expected.split(' ');
    expect([refused.status, refused.code]).toEqual([400, 50035]);
    expect(refused.rawError).toHaveProperty(`errors.${path}`, code);
    expect(stage.simulator.commands()).toEqual([]);
  });

  test('refuses two commands of one name', async () => {
    expect(await codeOf(stage.register(HELP, HELP))).toBe(50035);
  });

  test('refuses the commands of another application', async () => {
    expect(await codeOf(stage.rest.put(Routes.applicationCommands('1'), { body: [] }))).toBe(20012);
  });

  test('keeps the id of a command that stays, and its version while nothing changes', async () => {
    const [first] = (await stage.register(HELP, GENERATE)) as { id: string; version: string }[];
    const [same] = (await stage.register(HELP)) as { id: string; version: string }[];
    expect(same).toEqual(first);
    const [changed] = (await stage.register({ ...HELP, description: 'Other' })) as { id: string; version: string }[];
    expect(changed?.id).toBe(first?.id);
    expect(changed?.version).not.toBe(first?.version);
  });

  test('creates two hundred a day and no more', async () => {
    stage.simulator.commandCreationsPerDay = 3;
    await stage.register(HELP, GENERATE);
    await stage.register(GENERATE);
    await stage.register(HELP, GENERATE);
    const path = `${stage.simulator.api}/v10/applications/${stage.simulator.applicationId}/commands`;
    const headers = { authorization: `Bot ${stage.simulator.token}`, 'content-type': 'application/json' };
    const register = () => fetch(path, { method: 'PUT', headers, body: JSON.stringify([{ name: 'c', description: 'd' }]) });
    const refused = await register();
    expect([refused.status, await refused.json()]).toMatchObject([429, { code: 30034, retry_after: 86_400 }]);
    clock.forward(24 * 3600_000);
    expect((await register()).status).toBe(200);
  });

  test('lists words of other languages only where they are asked for', async () => {
    await stage.register({ ...HELP, description_localizations: { de: 'Hilfe' } });
    const path = Routes.applicationCommands(stage.simulator.applicationId);
    const [plain] = (await stage.rest.get(path)) as object[];
    expect(plain).not.toHaveProperty('description_localizations');
    const [full] = (await stage.rest.get(path, { query: new URLSearchParams({ with_localizations: 'true' }) })) as object[];
    expect(full).toMatchObject({ description_localizations: { de: 'Hilfe' } });
  });
});

describe('the client', () => {
  test('shows a person the menu in their language', async () => {
    await stage.register({ ...HELP, description_localizations: { de: 'Hilfe' } });
    expect(stage.simulator.person({ name: 'Uwe', locale: 'de' }).menu()[0]?.about).toBe('Hilfe');
    expect(stage.simulator.person({ name: 'Ann' }).menu()[0]?.about).toBe('Help');
  });

  test('offers a command only in its contexts and installations', async () => {
    await stage.register({ ...HELP, contexts: [0], integration_types: [0] });
    expect(stage.simulator.person({ name: 'Ann' }).menu()).toHaveLength(1);
    expect(stage.simulator.person({ name: 'Ann', guild: false }).menu()).toEqual([]);
    const eve = stage.simulator.person({ name: 'Eve', userInstallOnly: true });
    expect(eve.menu()).toEqual([]);
    expect(() => eve.command('help')).toThrow('/help is not offered here');
  });

  test('sends nothing that the menu does not allow', async () => {
    await stage.register(GENERATE);
    const ann = stage.simulator.person({ name: 'Ann' });
    const send = (values: Record<string, string | number>) => () => ann.command('generate', values);
    expect(() => ann.command('unknown')).toThrow('/unknown is not offered here');
    expect(send({})).toThrow('/generate needs the option prompt');
    expect(send({ prompt: 'x', colour: 'red' })).toThrow('/generate has no option colour');
    expect(send({ prompt: 'x', style: 'noir' })).toThrow('style does not offer noir');
    expect(send({ prompt: 'x'.repeat(501) })).toThrow('prompt takes');
    expect(send({ prompt: 'x', seconds: 11 })).toThrow('seconds takes 1 to 10');
    expect(send({ prompt: 'x', seconds: 1.5 })).toThrow('seconds takes whole numbers only');
    expect(() => ann.command('generate', { prompt: 'x', image: { name: 'a.png', data: Buffer.alloc((10 << 20) + 1) } })).toThrow(
      'too large',
    );
    expect(ann.messages()).toEqual([]);
  });
});
