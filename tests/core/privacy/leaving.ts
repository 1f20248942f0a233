import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { dispatch } from '../../../commands/dispatch.ts';
import { commands } from '../../../commands/index.ts';
import type { App } from '../../../core/app.ts';
import type { Platform, Removes, Reply } from '../../../core/chat.ts';
import { ROOMS_TO_CLEAR } from '../../../core/privacy/erase/owned.ts';
import * as deliver from '../../../workers/deliver.ts';
import * as erase from '../../../workers/erase.ts';
import * as generate from '../../../workers/generate.ts';
import { createTestApp, discard } from '../../support/app.ts';
import { createScriptedProvider } from '../../support/provider.ts';
import { buildRequest, discordPlace, pressable, wordsOf } from '../../support/requests.ts';
import { recordSends } from '../../support/sends.ts';

export type Answer = Reply & { words: string };

export interface Leaver {
  id: string;
  keyId: string;
  user: string;
  /** Sends a command line, or presses a button that carries it. */
  say(line: string, app?: App): Promise<Answer>;
  /** Presses the button with this label. */
  press(reply: Answer, label: string, app?: App): Promise<Answer>;
}

let people = 9_000;

/** One app for all tests of a file, since each has people of its own: it opens before the first and closes behind the last. */
export function shareLeaving(settings: Record<string, string> = {}): () => Stage {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await openLeaving(settings);
  });
  beforeEach(() => stage?.forget());
  afterAll(async () => {
    if (stage) await discard(stage.app);
  });
  return () => {
    if (!stage) throw new Error('the app is not open yet');
    return stage;
  };
}

/** An app with a clock, people with 50 credits each, and workers that run when a test says so. */
async function openLeaving(settings: Record<string, string>) {
  const clock = { at: Date.now() };
  const provider = await createScriptedProvider();
  const app = await createTestApp({ provider, now: () => clock.at }, settings);
  const recorded = recordSends();
  const taken: string[] = [];
  const remove = { answer: 'removed' as 'removed' | 'gone' | 'refused', fail: [] as Error[] };
  const takeBack = async (_: unknown, message: string) => {
    const error = remove.fail.shift();
    if (error) throw error;
    taken.push(message);
    return remove.answer;
  };
  const removes: Removes = { telegram: takeBack, discord: takeBack };

  async function person(platform: Platform = 'telegram', user = String(++people)): Promise<Leaver> {
    const say: Leaver['say'] = async (line, through = app) => {
      const [command = '', ...words] = line.split(' ');
      const place = platform === 'discord' ? { place: discordPlace(user, clock.at) } : {};
      const request = buildRequest({ command, words: words.join(' '), at: clock.at, ...place }, user);
      const reply = await dispatch(through, commands, request);
      return { ...reply, words: wordsOf(reply.text) };
    };
    await say('balance');
    const hash = app.keys.blindIndex('identity', platform, user);
    const account = await app.models.accounts.findOne({ 'identities.hash': hash }).lean();
    if (!account) throw new Error('nobody signed up');
    const press: Leaver['press'] = (reply, label, through) => say(buttonOf(reply, label), through);
    return { id: account._id, keyId: account.keyId, user, say, press };
  }

  /** One step of a generation, or one of its delivery. */
  const step = (id: string) => generate.run(app, recorded.sends, id);
  const bring = (id: string) => deliver.run(app, recorded.sends, id);

  /** A video that stands in the chat. */
  async function video(who: Leaver, words = 'a fox'): Promise<string> {
    const { follows: id = '' } = await who.say(`generate ${words}`);
    for (let steps = 0; steps < 3; steps++) await step(id);
    await bring(id);
    expect((await app.models.generations.findById(id).lean())?.state).toBe('delivered');
    return id;
  }

  /** Runs the erasure to its end, or to where it waits for its person; `through` may die on the way. */
  async function drive(id: string, through: () => App = () => app) {
    for (let turn = 0; turn < 400; turn++) {
      const before = await app.models.erasures.findById(id).lean();
      if (before?.state !== 'running') return before;
      const again = await erase.run(through(), recorded.sends, removes, id).catch(() => ({ afterMs: 61_000 }));
      clock.at += again?.afterMs ?? 0;
    }
    throw new Error('the erasure does not end');
  }

  /** The person deletes their account now, up to the moment at which the worker begins. */
  async function leave(who: Leaver): Promise<string> {
    const asked = await who.press(await who.say('privacy delete account'), 'Now');
    const { follows: id = '' } = await who.press(asked, 'Yes, delete my account');
    return id;
  }

  const look = (id: string) => erase.run(app, recorded.sends, removes, id);
  /** What another test left open would come first in the line. */
  const forget = async () => {
    const open = { state: { $in: ['queued', 'submitting', 'submitted'] } } as const;
    await app.models.generations.updateMany(open, { $set: { state: 'told' }, $unset: { dueAt: 1 } });
    recorded.sendings.length = 0;
    recorded.fail.length = 0;
    taken.length = 0;
    remove.answer = 'removed';
    remove.fail.length = 0;
    provider.answer = { state: 'succeeded' };
    provider.cancelled.length = 0;
  };
  return { forget, app, clock, provider, ...recorded, removes, remove, taken, person, video, step, bring, drive, leave, look };
}

export type Stage = Awaited<ReturnType<typeof openLeaving>>;

export function buttonOf(reply: Answer, label: string): string {
  const found = pressable(reply).find((one) => one.label === label);
  if (!found) throw new Error(`there is no button ${label} under: ${reply.words}`);
  return found.command;
}

/** Everything that the database holds of an account, by collection. */
export async function heldOf(app: App, { id, keyId }: Pick<Leaver, 'id' | 'keyId'>): Promise<Record<string, unknown[]>> {
  const held: Record<string, unknown[]> = {};
  for (const model of Object.values(app.models)) {
    const rows = await app.connection.collection(model.collection.name).find().toArray();
    const theirs = rows.filter((row) => JSON.stringify(row).includes(id) || JSON.stringify(row).includes(keyId));
    if (theirs.length > 0) held[model.collection.name] = theirs;
  }
  return held;
}

/** Names of all stored objects below a prefix. */
export async function objectsOf(app: App, prefix = ''): Promise<string[]> {
  return (await app.storage.list(prefix)).keys;
}

/** All rows of everybody else, to compare byte for byte. */
export async function othersOf(app: App, who: readonly Leaver[]): Promise<string> {
  const rows: string[] = [];
  for (const { name } of ROOMS_TO_CLEAR) {
    for (const row of await app.connection.collection(app.models[name].collection.name).find().sort({ _id: 1 }).toArray()) {
      const text = JSON.stringify(row);
      if (!who.some(({ id, keyId }) => text.includes(id) || text.includes(keyId)) && !text.includes('"gone-')) rows.push(text);
    }
  }
  return rows.join('\n');
}

/** The app as a process sees it that dies at its write number `nth`: nothing that it asks for afterwards happens. */
export function dyingAt(app: App, nth: number): App {
  let count = 0;
  const guarded = <Call extends (...given: never[]) => unknown>(call: Call, self: object) =>
    ((...given: never[]) => {
      count += 1;
      if (count >= nth) throw new Error('killed');
      return Reflect.apply(call, self, given) as unknown;
    }) as Call;
  const watch = <Target extends object>(target: Target, isWrite: (name: string) => boolean): Target =>
    new Proxy(target, {
      get(inner, name) {
        const value: unknown = Reflect.get(inner, name, inner);
        if (typeof value !== 'function') return value;
        const call = value as (...given: never[]) => unknown;
        return isWrite(String(name)) ? guarded(call, inner) : call.bind(inner);
      },
    });
  const writes = (name: string) => /^(update|delete|insert|replace|findOneAnd)/.test(name);
  const models = Object.fromEntries(Object.entries(app.models).map(([name, model]) => [name, watch(model, writes)]));
  const connection = new Proxy(app.connection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = value as (...given: never[]) => unknown;
      if (name === 'collection') return (...given: never[]) => watch(Reflect.apply(call, target, given) as object, writes);
      return name === 'transaction' ? guarded(call, target) : call.bind(target);
    },
  });
  const storage = watch(app.storage, (name) => name === 'put' || name === 'remove');
  return { ...app, models: models as unknown as App['models'], connection, storage };
}
