import type { BotCommand } from '@grammyjs/types';
import { type Fields, flag, integer, isFields, list, object, text } from '../calls/fields.ts';
import { badRequest } from '../calls/refusal.ts';

export interface CommandMenus {
  set(fields: Fields): true;
  get(fields: Fields): BotCommand[];
  remove(fields: Fields): true;
  /** What one person sees in one chat: the first list that is set, from the narrowest scope to the widest. */
  seenBy(chat: { id: number; type: 'private' | 'supergroup' }, user: { id: number; language_code?: string }): BotCommand[];
}

const COMMANDS_LIMIT = 100;

export function createCommandMenus(): CommandMenus {
  const menus = new Map<string, BotCommand[]>();
  const key = (fields: Fields) => `${readScope(object(fields, 'scope'))}/${readLanguage(fields)}`;
  return {
    set(fields) {
      const commands = list(fields, 'commands');
      if (!commands) throw badRequest('parameter "commands" is required');
      if (commands.length > COMMANDS_LIMIT) throw badRequest('BOT_COMMANDS_TOO_MUCH');
      menus.set(key(fields), commands.map(readCommand));
      return true;
    },
    get: (fields) => menus.get(key(fields)) ?? [],
    remove(fields) {
      menus.delete(key(fields));
      return true;
    },
    seenBy(chat, user) {
      const scopes =
        chat.type === 'private'
          ? [`chat:${chat.id}`, 'all_private_chats', 'default']
          : [`chat_member:${chat.id}:${user.id}`, `chat:${chat.id}`, 'all_group_chats', 'default'];
      const language = user.language_code?.slice(0, 2) ?? '';
      const keys = scopes.flatMap((scope) => [`${scope}/${language}`, `${scope}/`]);
      return keys.map((name) => menus.get(name) ?? []).find((commands) => commands.length > 0) ?? [];
    },
  };
}

function readCommand(value: unknown): BotCommand {
  if (!isFields(value)) throw badRequest("can't parse BotCommand: expected an Object");
  const command = (text(value, 'command') ?? '').replace(/^\//, '');
  const description = (text(value, 'description') ?? '').trim();
  if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID');
  if (description.length < 1 || description.length > 256) throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
  return { command, description, ...(flag(value, 'is_ephemeral') && { is_ephemeral: true }) };
}

function readScope(scope: Fields | undefined): string {
  const type = scope ? text(scope, 'type') : 'default';
  if (!scope || type === 'default') return 'default';
  if (type === 'all_private_chats' || type === 'all_group_chats' || type === 'all_chat_administrators') return type;
  const chat = integer(scope, 'chat_id');
  if (chat === undefined) throw badRequest('chat_id is empty');
  if (type === 'chat' || type === 'chat_administrators') return `${type}:${chat}`;
  if (type === 'chat_member') return `${type}:${chat}:${integer(scope, 'user_id') ?? 0}`;
  throw badRequest("can't parse BotCommandScope: unsupported type specified");
}

/** Two lower-case letters, or nothing for everybody. */
export function readLanguage(fields: Fields): string {
  const language = text(fields, 'language_code') ?? '';
  if (!/^([a-z]{2})?$/.test(language)) throw badRequest('invalid language code specified');
  return language;
}
