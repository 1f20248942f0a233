import { expect, test } from 'vitest';
import { createPieces } from '../../../bots/telegram/pieces.ts';

const message = (message_id: number, text: string, { date = 100, chat = 7 } = {}) => ({
  update_id: message_id,
  message: { message_id, date, chat: { id: chat, type: 'private' }, text },
});
const long = 'x'.repeat(4_096);

test('the later pieces of a long text are no messages of their own', () => {
  const isLaterPiece = createPieces();
  expect([message(1, long), message(2, long), message(3, 'the tail'), message(4, 'a fox')].map(isLaterPiece)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test.each([
  ['in another chat', message(2, 'a fox', { chat: 8 })],
  ['after a while', message(2, 'a fox', { date: 104 })],
  ['with another message between', message(3, 'a fox')],
  ['that is a picture', { update_id: 2, message: { message_id: 2, date: 100, chat: { id: 7 }, photo: [] } }],
])('a message %s is one of its own', (_, next) => {
  const isLaterPiece = createPieces();
  isLaterPiece(message(1, long));
  expect(isLaterPiece(next)).toBe(false);
});
