import { z } from 'zod';

/** Telegram's apps cut a text of more than 4,096 characters into messages; a piece may end a little earlier, at a word. */
const FULL = 3_900;
/** Seconds between two pieces of one text, at most. */
const TOGETHER = 3;
/** Chats remembered. */
const MOST = 10_000;

const piece = z.object({
  message: z.object({ message_id: z.number(), date: z.number(), chat: z.object({ id: z.number() }), text: z.string() }),
});

/**
 * Tells the later pieces of a long text from messages of their own: the first piece is answered as too long, and its tail must not
 * become a prompt that nobody meant. Remembers each chat's last full piece.
 */
export function createPieces(): (update: unknown) => boolean {
  const last = new Map<number, { id: number; date: number }>();
  return (update) => {
    const read = piece.safeParse(update);
    if (!read.success) return false;
    const { message_id: id, date, chat, text } = read.data.message;
    const before = last.get(chat.id);
    last.delete(chat.id);
    if (text.length >= FULL) last.set(chat.id, { id, date });
    for (const oldest of last.keys()) {
      if (last.size <= MOST) break;
      last.delete(oldest);
    }
    return before !== undefined && id === before.id + 1 && date - before.date <= TOGETHER;
  };
}
