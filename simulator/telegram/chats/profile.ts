import type { MenuButton } from '@grammyjs/types';
import { type Fields, integer, object, text } from '../calls/fields.ts';
import { badRequest } from '../calls/refusal.ts';
import { readLanguage } from './commands.ts';

/** What the bot says about itself, per language, and the button beside the input field, per chat. */
export interface Profile {
  setText(name: 'description' | 'short_description', limit: number, fields: Fields): true;
  text(name: 'description' | 'short_description', fields: Fields): string;
  setMenuButton(fields: Fields): true;
  menuButton(fields: Fields): MenuButton;
}

export function createProfile(): Profile {
  const texts = new Map<string, string>();
  const buttons = new Map<number, MenuButton>();
  return {
    setText(name, limit, fields) {
      const value = text(fields, name) ?? '';
      if (value.length > limit) throw badRequest(`${name.replace('_', ' ')} is too long`);
      texts.set(`${name}/${readLanguage(fields)}`, value);
      return true;
    },
    text: (name, fields) => texts.get(`${name}/${readLanguage(fields)}`) ?? texts.get(`${name}/`) ?? '',
    setMenuButton(fields) {
      buttons.set(integer(fields, 'chat_id') ?? 0, readButton(object(fields, 'menu_button')));
      return true;
    },
    menuButton: (fields) => buttons.get(integer(fields, 'chat_id') ?? 0) ?? buttons.get(0) ?? { type: 'commands' },
  };
}

function readButton(button: Fields | undefined): MenuButton {
  const type = button ? text(button, 'type') : 'default';
  if (type === 'default' || type === 'commands') return { type };
  throw badRequest('MenuButton has unsupported type');
}
