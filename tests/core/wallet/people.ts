import { expect, onTestFinished } from 'vitest';
import type { App, Outside } from '../../../core/app.ts';
import type { Request } from '../../../core/chat.ts';
import { checkInvariants } from '../../../core/credits/invariants.ts';
import { openApp } from '../../support/app.ts';
import { createScriptedProvider } from '../../support/provider.ts';
import { ask, discordPlace, pressable } from '../../support/requests.ts';

export interface Person {
  id: string;
  /** Sends a command line, or presses a button that carries it. */
  say(line: string, app?: App): ReturnType<typeof ask>;
}

export interface Stage {
  app: App;
  clock: { at: number };
  telegram(user?: string): Promise<Person>;
  discord(user?: string): Promise<Person>;
}

let people = 5_000;

/** An app with a clock, and people who get 50 credits each. */
export async function openStage(settings: Record<string, string> = {}, outside: Outside = {}): Promise<Stage> {
  const clock = { at: Date.now() };
  const app = await openApp(
    { provider: await createScriptedProvider(), now: () => clock.at, ...outside },
    { WELCOME_CREDITS: '50', ...settings },
  );
  const person = async (user: string, place: () => Partial<Request>): Promise<Person> => {
    const say: Person['say'] = (line, through = app) => {
      const [command = '', ...words] = line.split(' ');
      return ask(through, { command, words: words.join(' '), at: clock.at, ...place() }, user);
    };
    await say('balance');
    const platform = place().place ? 'discord' : 'telegram';
    const hash = app.keys.blindIndex('identity', platform, user);
    const account = await app.models.accounts.findOne({ 'identities.hash': hash }).lean();
    return { id: account?._id ?? '', say };
  };
  onTestFinished(() => expectSoundBooks(app));
  return {
    app,
    clock,
    telegram: (user = String(++people)) => person(user, () => ({})),
    discord: (user = String(++people)) => person(user, () => ({ place: discordPlace(user, clock.at) })),
  };
}

/** The code that somebody is shown now. */
export async function codeOf(person: Person): Promise<string> {
  const { text } = await person.say('link');
  const line = text.find((span) => typeof span === 'object' && 'code' in span);
  if (typeof line !== 'object' || !('code' in line)) throw new Error('no code was shown');
  return line.code.replace('/link code=', '');
}

/** The command of the button with this label. */
export function button(reply: Awaited<ReturnType<Person['say']>>, label: string): string {
  const found = pressable(reply).find((one) => one.label === label);
  if (!found) throw new Error(`there is no button ${label} under: ${reply.words}`);
  return found.command;
}

/** `guest` enters the code of `keeper`; the command of the button that joins them. */
export const offered = async (keeper: Person, guest: Person): Promise<string> =>
  button(await guest.say(`link code=${await codeOf(keeper)}`), 'Join them');

export const joined = async (keeper: Person, guest: Person) => guest.say(await offered(keeper, guest));

export async function parted(person: Person) {
  return person.say(button(await person.say('unlink'), 'Separate them'));
}

/** What each credit account has, as it is stored. */
export async function availableOf(app: App, { id }: Person): Promise<number> {
  return (await app.models.creditAccounts.findById(id).lean())?.available ?? 0;
}

/** All credits that people have, and those that are on their way between two accounts. */
export async function sumOf(app: App): Promise<{ people: number; underway: number }> {
  const accounts = await app.models.creditAccounts.find().lean();
  const entries = await app.models.ledgerEntries.find().lean();
  const postings = entries.flatMap((entry) => entry.postings).filter(({ account }) => account === 'sys:transfer');
  return {
    people: accounts.reduce((sum, { available, held }) => sum + available + held, 0),
    underway: postings.reduce((sum, { amount }) => sum + amount, 0),
  };
}

async function expectSoundBooks(app: App): Promise<void> {
  for (const account of await app.models.creditAccounts.find().lean()) {
    const entries = await app.models.ledgerEntries.find({ accountId: account._id }).sort({ seq: 1 }).lean();
    expect(() => checkInvariants(account, entries)).not.toThrow();
  }
}

/** The app as a process sees it that dies before its transaction number `nth`. */
export function dyingAt(app: App, nth: number): App {
  let count = 0;
  const connection = new Proxy(app.connection, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'transaction') return value.bind(target);
      return (...given: unknown[]) => {
        count += 1;
        if (count >= nth) throw new Error('killed');
        return Reflect.apply(value, target, given);
      };
    },
  });
  return { ...app, connection };
}

/** The app in which something happens right after somebody was told for the first time which wallet an account uses. */
export function interrupted(app: App, meanwhile: () => Promise<unknown>): App {
  let isDone = false;
  const accounts = new Proxy(app.models.accounts, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== 'findById') return typeof value === 'function' ? value.bind(target) : value;
      return (id: string, fields: Record<string, 1>) => ({
        lean: async () => {
          const found = await target.findById(id, fields).lean();
          if (!isDone) {
            isDone = true;
            await meanwhile();
          }
          return found;
        },
      });
    },
  });
  return { ...app, models: { ...app.models, accounts } };
}
