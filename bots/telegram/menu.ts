import { createHash } from 'node:crypto';
import type { Command } from '../../commands/command.ts';

export interface MenuEntry {
  command: string;
  description: string;
}

/** What Telegram would refuse of this list as a command menu; empty when it fits. Limits: core.telegram.org/bots/api#botcommand. */
export function complaintsAboutMenu(commands: readonly Pick<Command, 'name' | 'about'>[]): string[] {
  const names = commands.map(({ name }) => name);
  return [
    ...(commands.length > 100 ? [`${commands.length} commands, at most 100`] : []),
    ...commands
      .filter(({ name }) => !/^[a-z0-9_]{1,32}$/.test(name))
      .map(({ name }) => `${name}: a name is 1-32 of a-z, 0-9 and _`),
    ...commands
      .filter(({ about }) => about.trim().length < 1 || about.length > 256)
      .map(({ name, about }) => `${name}: the description has ${about.length} characters, not 1-256`),
    ...names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${name}: twice in the menu`),
  ];
}

/** The payload of setMyCommands, in the order of the list. */
export function menuOf(commands: readonly Pick<Command, 'name' | 'about'>[]): MenuEntry[] {
  return commands.map(({ name, about }) => ({ command: name, description: about }));
}

/** The same for the same menu, another for another one. */
export function fingerprintOf(menu: readonly MenuEntry[]): string {
  return createHash('sha256').update(JSON.stringify(menu)).digest('hex');
}
