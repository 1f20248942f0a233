import type { Command, Option } from '../../../commands/command.ts';
import { differences, snapshotOf } from './owned.ts';
import type { Answer } from './people.ts';
import type { Secret, World } from './world.ts';

/** What somebody else sends, and what they get for it. */
export interface Attempt {
  about: string;
  /** All that they know already: what they send. */
  sent: string;
  go(): Promise<Got>;
}

export interface Got {
  /** Everything that can be read from the answer. */
  text: string;
  /** A thing that was handed over, by its name. */
  gift?: string | undefined;
}

export interface Verdict {
  pairs: number;
  denied: number;
  faults: string[];
}

/** Sends all of them, and compares everything of A's before and behind: one that reveals, gives or changes something is not denied. */
export const attack = (world: World, about: string, attempts: readonly Attempt[]): Promise<Verdict> =>
  attackAll(world, new Map([[about, attempts]]));

/** The same for each part, so that a change is known by its part. */
export async function attackAll(world: World, parts: ReadonlyMap<string, readonly Attempt[]>): Promise<Verdict> {
  const { stage, secrets, victims } = world;
  const sum: Verdict = { pairs: 0, denied: 0, faults: [] };
  let before = await snapshotOf(stage.app, victims);
  for (const [about, attempts] of parts) {
    const leaks: string[] = [];
    for (const { about: what, sent, go } of attempts) {
      const { text, gift } = await go();
      const revealed = revealedIn(secrets, sent, text);
      if (gift || revealed.length > 0)
        leaks.push(`${about}: ${what} ${gift ? `gives ${gift}` : `reveals ${revealed.join(', ')}`}`);
    }
    const after = await snapshotOf(stage.app, victims);
    const changed = differences(before, after).map((what) => `${about}: ${what}`);
    before = after;
    sum.pairs += attempts.length;
    sum.denied += changed.length > 0 ? 0 : attempts.length - leaks.length;
    sum.faults.push(...leaks, ...changed);
  }
  return sum;
}

/** Secrets in an answer that were not in the question. */
export function revealedIn(secrets: readonly Secret[], sent: string, text: string): string[] {
  const found = secrets.filter((secret) => stands(secret, text) && !sent.includes(secret.text));
  return [...new Set(found.map(({ name }) => name))];
}

function stands({ text: secret, isWord }: Secret, text: string): boolean {
  if (!isWord) return text.includes(secret);
  for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + 1)) {
    if (!/\w/.test(text[at - 1] ?? '') && !/\w/.test(text[at + secret.length] ?? '')) return true;
  }
  return false;
}

/** An answer in a chat. A video is B's own where its name is. */
export function readAnswer(answer: Answer, ownVideos: ReadonlySet<string>): Got {
  const { video, file } = answer;
  const gift = file ? 'a file' : video && !ownVideos.has(video.name) ? 'a video' : undefined;
  return { text: JSON.stringify(answer), gift };
}

/** Words for people, in which nothing is ever looked up: one id of each kind is tried there. */
const FREE = /^(generate|animate) prompt$|^privacy correct value$/;

/** An option of a command that can carry an id: `line` is the command line without the id. */
export interface Carrier {
  line: string;
  name: string;
  isFree: boolean;
}

const carries = (option: Option): boolean => option.type === 'text';

/** Every option of every command and sub-command that takes any text. */
export function carriersOf(commands: readonly Command[], parent = ''): Carrier[] {
  return commands.flatMap(({ name, options, subcommands = [] }) => {
    const line = parent ? `${parent} ${name}` : name;
    const own = Object.entries(options)
      .filter(([, option]) => carries(option))
      .map(([option]) => ({ line, name: option, isFree: FREE.test(`${line} ${option}`) }));
    return [...own, ...carriersOf(subcommands, line)];
  });
}
