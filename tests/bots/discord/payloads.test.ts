import { afterEach, beforeEach, expect, test } from 'vitest';
import { defineCommand } from '../../../commands/command.ts';
import type { Reply, Request } from '../../../core/chat.ts';
import { createStage, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const said = (text: string): Reply => ({ text: [text] });

/** Discord never sends such a thing, and its library throws at it. */
const PRESS_OF_NOTHING = {
  id: '1',
  application_id: '2',
  type: 3,
  token: 'token',
  channel_id: '3',
  channel: { id: '3', type: 0 },
  user: { id: '4', username: 'ann' },
  data: { component_type: 2, custom_id: 'videos page=2' },
};

test.each<[string, string, unknown, string]>([
  ['a press without its message', 'INTERACTION_CREATE', PRESS_OF_NOTHING, 'interaction taken by another'],
  ['an interaction of nothing', 'INTERACTION_CREATE', null, '"code":"no_interaction"'],
  ['an entitlement of nothing', 'ENTITLEMENT_CREATE', null, '"code":"unknown_entitlement"'],
  ['a guild of nothing', 'GUILD_CREATE', null, ''],
])('a payload of a broken shape does not end the process: %s', async (_, event, payload, logged) => {
  const person = stage.simulator.person();
  await stage.start(async () => said('Still here'));
  stage.simulator.dispatch(event, payload);
  person.command('videos');
  await person.until(({ text }) => text === 'Still here');
  await expect.poll(() => stage.logged.join('\n')).toContain(logged);
  for (const complaint of stage.complaints.splice(0)) expect(complaint).toContain(event);
});

const sub = defineCommand({
  name: 'export',
  about: 'Take your data with you',
  private: true,
  options: { content: { type: 'choice', about: 'What', choices: [{ value: 'data', label: 'Data only' }] } },
  run: async () => said(''),
});
const commands = [{ ...sub, name: 'privacy', options: {}, subcommands: [{ ...sub, name: 'show', options: {} }, sub] }];

test('a sub-command is registered, sent and answered to the person alone', async () => {
  const person = stage.simulator.person();
  const asked: Request[] = [];
  const answer = async (request: Request) => {
    asked.push(request);
    return { ...said(`${request.sub}`), private: true };
  };
  await stage.start(answer, { commands });
  person.command('privacy export', { content: 'data' });
  person.command('privacy');
  const answers = [await person.until(({ text }) => text === 'export'), await person.until(({ text }) => text === 'show')];
  expect(answers.map(({ ephemeral }) => ephemeral)).toEqual([true, true]);
  expect(asked).toMatchObject([
    { command: 'privacy', sub: 'export', values: { content: 'data' } },
    { command: 'privacy', sub: 'show', values: {} },
  ]);
});
