import { randomInt } from 'node:crypto';
import type { Command } from '../../../commands/command.ts';
import { dispatch } from '../../../commands/dispatch.ts';
import { commands } from '../../../commands/index.ts';
import type { Place, Platform, Reply } from '../../../core/chat.ts';
import { buildRequest, discordPlace, pressable, wordsOf } from '../../support/requests.ts';
import type { Shop } from '../../support/shop.ts';
import type { Seen } from './seen.ts';

export type Answer = Reply & { words: string };

/** Somebody on one platform. Whatever they read is noted where they have a `seen`. */
export interface Person {
  user: string;
  platform: Platform;
  place: Place;
  /** Their account and its key, once they have said something. */
  id: string;
  keyId: string;
  /** Sends a command line, typed or as a button carries it. */
  say(line: string, changes?: Saying): Promise<Answer>;
}

export interface Saying {
  place?: Place;
  /** Id of the request; a new one where it is not named. */
  id?: string;
  image?: Buffer;
  commands?: readonly Command[];
  /** As Discord sends them: the sub-command apart, options by name. */
  apart?: boolean;
}

/** Ten digits that stand nowhere else. */
const newUser = (): string => String(randomInt(1_000_000_000, 9_000_000_000));

export async function newPerson({ app, clock }: Shop, platform: Platform, name: string, seen?: Seen): Promise<Person> {
  const user = newUser();
  const place: Place =
    platform === 'discord' ? discordPlace(user, clock.at) : { platform: 'telegram', chat: user, user, group: false };

  async function say(line: string, changes: Saying = {}): Promise<Answer> {
    const { image, apart, commands: known = commands, ...rest } = changes;
    const asked = buildRequest(
      {
        ...{ place, at: clock.at, person: { name, language: 'en' } },
        ...(image && { image: { size: image.length, read: async () => image } }),
        ...(apart ? takenApart(line, known) : typed(line)),
        ...rest,
      },
      user,
    );
    const reply = await dispatch(app, known, asked);
    seen?.note(reply);
    return { ...reply, words: wordsOf(reply.text) };
  }

  await say('balance');
  const hash = app.keys.blindIndex('identity', platform, user);
  const account = await app.models.accounts.findOne({ 'identities.hash': hash }).lean();
  if (!account) throw new Error('nobody signed up');
  return { user, platform, place, id: account._id, keyId: account.keyId, say };
}

function typed(line: string) {
  const [command = '', ...words] = line.split(' ');
  return { command, words: words.join(' ') };
}

/** `privacy delete now=x` → command, sub-command and values; words that name no value stay words. */
function takenApart(line: string, known: readonly Command[]) {
  const { command, words } = typed(line);
  const [first = '', ...others] = words.split(' ');
  const isSub = known.find(({ name }) => name === command)?.subcommands?.some(({ name }) => name === first);
  const rest = isSub ? others : [first, ...others];
  const pairs = rest.map((word) => /^([a-z]+)=(\S+)$/.exec(word));
  const values = Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1], pair[2]]] : [])));
  return { command, ...(isSub && { sub: first }), values, words: rest.filter((_, index) => !pairs[index]).join(' ') };
}

/** The command line of the button that begins like this. */
export function lineIn(reply: Reply, beginning: string): string {
  const found = pressable(reply).find(({ command }) => command.startsWith(beginning));
  if (!found) throw new Error(`no button begins with ${beginning} under: ${wordsOf(reply.text)}`);
  return found.command;
}
