import type { Command } from '../../../commands/command.ts';
import type { Reply } from '../../../core/chat.ts';
import { links, pressable, wordsOf } from '../../support/requests.ts';
import type { Person } from './people.ts';

/** What somebody has read: the lines of every button, and every address. */
export interface Seen {
  lines: Set<string>;
  urls: Set<string>;
  note(reply: Reply): void;
  read(text: string): void;
}

export function newSeen(): Seen {
  const lines = new Set<string>();
  const urls = new Set<string>();
  const read = (text: string) => {
    for (const [url] of text.matchAll(/https?:\/\/[^\s"<>]+/g)) urls.add(url.replace(/[.,)]$/, ''));
  };
  return {
    lines,
    urls,
    read,
    note(reply) {
      for (const { command } of pressable(reply)) lines.add(command);
      for (const { url } of links(reply)) urls.add(url);
      read(wordsOf(reply.text));
    },
  };
}

/** Their owner does not press these while looking around, since it would end what there is to see. They are collected all the same. */
const ACTS = new RegExp(
  `^(?:${[
    'cancel|generate|animate|link|settings .+|unlink .+|buy .+|paid',
    'privacy export (?:content|send|remove)=',
    'privacy delete (?:later|now|sure|leave|keep|video)=',
    'privacy delete scope=(?:media|prompts|account)',
    'privacy consents (?:yes|show|hide|withdraw)=',
    'videos download=',
  ].join('|')})`,
);
const MOST_PRESSED = 60;

/** Every command and sub-command by its name alone. */
export const rootsOf = (commands: readonly Command[]): string[] =>
  commands.flatMap(({ name, subcommands = [] }) => [name, ...subcommands.map((sub) => `${name} ${sub.name}`)]);

/** The person types every command and presses every button that comes up, breadth first. How many were pressed. */
export async function lookAround(person: Person, seen: Seen, commands: readonly Command[]): Promise<number> {
  const waiting = rootsOf(commands).filter((line) => !ACTS.test(line));
  const pressed = new Set<string>();
  for (let line = waiting.shift(); line !== undefined && pressed.size < MOST_PRESSED; line = waiting.shift()) {
    if (pressed.has(line)) continue;
    pressed.add(line);
    const reply = await person.say(line);
    waiting.push(...pressable(reply).flatMap(({ command }) => (ACTS.test(command) ? [] : [command])));
  }
  for (const root of rootsOf(commands)) seen.lines.add(root);
  return pressed.size;
}
