import { type Command, defineCommand } from '../../../commands/command.ts';
import { commands } from '../../../commands/index.ts';
import { type Attempt, carriersOf, readAnswer } from './attack.ts';
import { lineIn, newPerson, type Person, type Saying } from './people.ts';
import { type Id, idsFor } from './select.ts';
import type { Stage } from './stage.ts';
import type { World } from './world.ts';

export type Stranger = Person & { ownVideos: ReadonlySet<string> };

/** Somebody who has credits and a video of their own. */
export async function newStranger(stage: Stage, platform: 'telegram' | 'discord', name: string): Promise<Stranger> {
  const person = await newPerson(stage.shop, platform, name);
  await stage.finish((await person.say('generate my own boat seconds=2')).follows ?? '');
  return { ...person, ownVideos: await videosOf(stage, [person]) };
}

/** By the names that their files have in a chat. */
async function videosOf({ app }: Stage, people: readonly Person[]): Promise<ReadonlySet<string>> {
  const made = await app.models.generations.find({ accountId: { $in: people.map(({ id }) => id) } }, { seed: 1 }).lean();
  return new Set(made.map(({ seed }) => `lpm-ai-${seed.toString(36)}.mp4`));
}

/** Two strangers join their accounts: each sees what both have. */
export async function linked(stage: Stage, one: Person, other: Person): Promise<[Stranger, Stranger]> {
  const code = /\/link code=(\S+)/.exec((await one.say('link')).words)?.[1];
  // A reservation would keep the accounts apart.
  while (!/nothing to cancel/.test((await other.say('cancel')).words));
  const joined = await other.say(lineIn(await other.say(`link code=${code}`), 'link join='));
  if (!/Joined/.test(joined.words)) throw new Error(joined.words);
  const ownVideos = await videosOf(stage, [one, other]);
  return [
    { ...one, ownVideos },
    { ...other, ownVideos },
  ];
}

/** Presses, or types, each of these lines. */
export const pressing = (who: Stranger, lines: Iterable<string>, saying: Saying = {}): Attempt[] =>
  [...lines].map((line) => ({
    about: `/${line}`,
    sent: line,
    go: async () => readAnswer(await who.say(line, saying), who.ownVideos),
  }));

/** Ids in every option of every command that takes one; each option's apart. `some`: of the ids, whatever the option. */
export function entering(
  who: Stranger,
  { ids, stage }: World,
  saying: Saying = {},
  some?: readonly Id[],
): Map<string, Attempt[]> {
  const carriers = carriersOf(saying.commands ?? commands);
  return new Map(
    carriers.map((carrier, index) => [
      `/${carrier.line} ${carrier.name}=`,
      (some ?? idsFor(carrier, index, carriers, ids)).map(({ id, where }) => ({
        about: where,
        sent: id,
        async go() {
          // Five wrong codes in an hour, and nobody would be told anything any more.
          if (carrier.line === 'link') await stage.app.models.accounts.updateOne({ _id: who.id }, { $unset: { linkTries: 1 } });
          return readAnswer(await who.say(`${carrier.line} ${carrier.name}=${id}`, saying), who.ownVideos);
        },
      })),
    ]),
  );
}

/** What a careless colleague might write: each looks a generation up by its id alone. */
export const MUTANTS: readonly Command[] = [
  mutant('peek', async ({ app }, id) => {
    const found = await app.models.generations.findById(id).lean();
    return { text: [found ? `It was paid for by ${found.wallet}.` : 'None.'] };
  }),
  mutant('touch', async ({ app }, id) => {
    await app.models.generations.updateOne({ _id: id }, { $inc: { tries: 1 } });
    return { text: ['Done, or there is none.'] };
  }),
  mutant('take', async ({ app }, id) => {
    const found = await app.models.generations.findById(id).lean();
    if (!found?.video) return { text: ['None.'] };
    const file = {
      name: 'video.mp4',
      type: 'video/mp4',
      size: found.video.size,
      read: () => app.storage.get('', Buffer.alloc(32), {}),
    };
    return { text: ['Here it is.'], file };
  }),
];

function mutant(name: string, run: (call: { app: Stage['app'] }, id: string) => ReturnType<Command['run']>): Command {
  const options = { id: { type: 'text', about: 'Which one', max: 64 } } as const;
  return defineCommand({ name, about: 'A mutant', options, run: (call) => run(call, call.options.id ?? '') });
}
