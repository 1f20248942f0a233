import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../../simulator/discord/index.ts';
import { checkAnswer, checkGateway, checkRequest, watchDiscord } from '../../support/discord-schema.ts';
import { commandOf, GENERATE, openStage } from './stage.ts';

const COMMANDS = '/applications/1/commands';
const EDIT = '/webhooks/1/token/messages/@original';
const long = (count: number) => 'x'.repeat(count);

describe('the outside checks', () => {
  const wrong: [string, string, string, unknown][] = [
    ['content of 2001', 'PATCH', EDIT, { content: long(2001) }],
    ['content as a number', 'POST', '/channels/1/messages', { content: 1 }],
    [
      'six buttons',
      'PATCH',
      EDIT,
      { components: [{ type: 1, components: Array(6).fill({ type: 2, style: 1, custom_id: 'x', label: 'x' }) }] },
    ],
    ['a field that does not exist', 'PATCH', EDIT, { contents: 'x' }],
    ['a nonce on a webhook', 'POST', '/webhooks/1/token', { content: 'x', enforce_nonce: true }],
    ['a description of 101', 'PUT', COMMANDS, [{ name: 'x', description: long(101) }]],
    ['an unknown callback', 'POST', '/interactions/1/token/callback', { type: 99 }],
    ['a route that does not exist', 'POST', '/channels/1/videos', {}],
    ['a body where none belongs', 'GET', '/users/@me', {}],
  ];
  test.each(wrong)('complain about %s', (_, method, path, json) => {
    expect(checkRequest(method, path, json)).not.toEqual([]);
  });

  test('have nothing against right requests', () => {
    expect(checkRequest('PATCH', EDIT, { content: 'x', attachments: [{ id: '0', description: 'd' }] })).toEqual([]);
    expect(checkRequest('PUT', COMMANDS, [GENERATE])).toEqual([]);
    expect(checkRequest('POST', '/interactions/1/token/callback', { type: 5, data: { flags: 64 } })).toEqual([]);
  });

  test('complain about answers that miss a field, have one too many or come unexpectedly', () => {
    const url = { url: 'ws://127.0.0.1:1' };
    expect(checkAnswer('GET', '/gateway', 200, url)).toEqual([]);
    expect(checkAnswer('GET', '/gateway', 200, {})).not.toEqual([]);
    expect(checkAnswer('GET', '/gateway', 200, { ...url, more: 1 })).toEqual(['more is an unknown field']);
    expect(checkAnswer('DELETE', EDIT, 200, {})).not.toEqual([]);
    expect(
      checkAnswer('PATCH', EDIT, 400, {
        code: 50035,
        message: 'x',
        errors: { content: { _errors: [{ code: 'A', message: 'b' }] } },
      }),
    ).toEqual([]);
    expect(checkAnswer('PATCH', EDIT, 400, { code: 50035, message: 'x', errors: { content: ['wrong'] } })).not.toEqual([]);
    expect(checkAnswer('PATCH', EDIT, 429, { message: 'x', code: 0 })).not.toEqual([]);
  });

  test('complain about every interaction and READY without one of their fields', async () => {
    const stage = await openStage();
    await stage.login();
    const [ready] = stage.readies;
    expect(checkGateway('READY', ready)).toEqual([]);
    expect(checkGateway('READY', { ...Object(ready), resume_gateway_url: undefined })).not.toEqual([]);
    await stage.register(GENERATE);
    for (const guild of [undefined, false] as const) {
      const ann = stage.simulator.person({ name: 'Ann', ...(guild === false && { guild }) });
      const interaction = await commandOf(stage, () => ann.command('generate', { prompt: 'x' }));
      expect(checkGateway('INTERACTION_CREATE', interaction)).toEqual([]);
      for (const field of ['token', 'application_id', 'attachment_size_limit', 'authorizing_integration_owners', 'data']) {
        expect(checkGateway('INTERACTION_CREATE', { ...interaction, [field]: undefined })).not.toEqual([]);
      }
      expect(checkGateway('INTERACTION_CREATE', { ...interaction, locale: 'xx' })).not.toEqual([]);
    }
    expect(checkGateway('SOMETHING', {})).not.toEqual([]);
    await stage.close();
  });

  test('are collected for all traffic of a simulator', () => {
    const watch = watchDiscord();
    const asked = { query: {}, files: [], authorized: true, at: 0 };
    const exchange: Exchange = {
      kind: 'rest',
      method: 'PATCH',
      path: EDIT,
      json: { content: 5 },
      status: 200,
      answer: {},
      ...asked,
    };
    watch.onTraffic(exchange);
    watch.onTraffic({ kind: 'gateway', from: 'discord', op: 0, t: 'READY', d: {}, at: 0 });
    watch.onTraffic({ kind: 'gateway', from: 'bot', op: 2, t: null, d: { token: 'x' }, at: 0 });
    expect(watch.seen()).toBe(3);
    for (const part of ['request content', 'answer 200', 'READY: ', 'sent op 2']) {
      expect(watch.complaints.some((words) => words.includes(part))).toBe(true);
    }
  });
});
