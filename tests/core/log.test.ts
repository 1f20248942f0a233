import { expect, test } from 'vitest';
import { createLog, describe as describeError, type LogFields } from '../../core/log.ts';

test('a line holds the fields of the list and nothing else', () => {
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line));
  const given = { generation: 'tg-1', prompt: 'a secret fox', nested: { name: 'Ann' } } as LogFields;
  log.info('answered', given);
  expect(JSON.parse(lines[0] ?? '')).toEqual({ level: 30, time: expect.any(Number), generation: 'tg-1', msg: 'answered' });
});

test('an error is told by kind, code and place, never by its message', () => {
  const error = Object.assign(new TypeError('cannot read a secret fox'), { code: 'E_FOX' });
  expect(describeError(error)).toEqual({
    error: 'TypeError',
    code: 'E_FOX',
    where: expect.stringMatching(/^[\w.-]+\.[tj]s:\d+$/),
  });
  expect(JSON.stringify(describeError('a secret fox'))).not.toContain('fox');
});
