import type { Chat, Message, User } from '@grammyjs/types';
import { badRequest, forbidden } from '../calls/refusal.ts';
import type { Ids } from '../ids.ts';

/** What the simulator knows of one chat. */
export interface Room {
  chat: Chat.PrivateChat | Chat.SupergroupChat;
  /** The bot may write here: the person has written first, or the bot is a member of the group. */
  known: boolean;
  /** By message id, in the order of sending. */
  messages: Map<number, Message>;
  /** What the bot is shown to be doing, until this many milliseconds since the epoch. */
  action: { name: string; until: number } | undefined;
  /** The same in every callback query of the chat. */
  instance: string;
  listeners: Set<() => void>;
}

export interface Chats {
  private(user: User): Room;
  group(group: { id: number; title: string }): Room;
  /** The bot has heard of this person in a group. */
  meet(user: number): void;
  /** The room of this id, whether or not the bot may write there. */
  at(id: number): Room | undefined;
  /** The room a call names; refuses chats the bot has never met, and people it has only met in groups. */
  find(id: number | undefined): Room;
}

export function createChats(ids: Ids): Chats {
  const rooms = new Map<number, Room>();
  const met = new Set<number>();
  function room(chat: Room['chat'], known: boolean): Room {
    const existing = rooms.get(chat.id);
    if (existing) return existing;
    const fresh = {
      chat,
      known,
      messages: new Map(),
      action: undefined,
      instance: ids.digits(),
      listeners: new Set<() => void>(),
    };
    rooms.set(chat.id, fresh);
    return fresh;
  }
  return {
    private: ({ id, first_name }) => room({ id, type: 'private', first_name }, false),
    group: ({ id, title }) => room({ id, type: 'supergroup', title }, true),
    meet: (user) => void met.add(user),
    at: (id) => rooms.get(id),
    find(id) {
      if (id === undefined) throw badRequest('chat_id is empty');
      const found = rooms.get(id);
      if (!found?.known && met.has(id)) throw forbidden("bot can't initiate conversation with a user");
      if (!found?.known) throw badRequest('chat not found');
      return found;
    },
  };
}

/** Tells everybody who looks at the chat that it looks different now. */
export function changed(room: Room): void {
  for (const listener of [...room.listeners]) listener();
}

/** Keeps a message and shows it. */
export function put(room: Room, message: Message): void {
  room.messages.set(message.message_id, message);
  changed(room);
}
