import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ERASURE_SCOPES } from '../../models/erasure.ts';
import type { App } from '../app.ts';
import { changeErasure, type Erasure, readErasure } from './erase/erasure.ts';
import { freezeAgain } from './erase/freeze.ts';
import { takeStep } from './erase/steps.ts';

const PREFIX = 'journal/';
const CONTEXT = { purpose: 'journal' };
const PAGE = 100;
/** Clocks of several machines may differ, and an entry may be stored late: so far back of the last one every replay begins. */
const MARGIN_MS = 86_400_000;
/** Steps that are taken for one entry at most. */
const MOST_STEPS = 10_000;
/** A step that waits for somebody's lease is tried again at least so often. */
const LONGEST_WAIT_MS = 1_000;
/** When somebody looks again what the journal says, besides every start. */
const NEXT_MS = 86_400_000;

const entrySchema = z.object({
  id: z.string(),
  scope: z.enum(ERASURE_SCOPES),
  accountIds: z.array(z.string()),
  keyIds: z.array(z.string()),
  generation: z.string().optional(),
  pseudonym: z.string(),
  /** Of parts of an account: what was made later is not meant. */
  confirmedAt: z.iso.datetime(),
  startedAt: z.iso.datetime(),
});

type Entry = z.infer<typeof entrySchema>;

/** Beginning with the time of writing, so that none appears behind a replay that has passed. */
const nameOf = (app: App, id: string): string => `${PREFIX}${new Date(app.now()).toISOString()}-${id}`;

/**
 * Writes down outside the database, before anything is destroyed, what is going: random ids and nothing else. It outlives every backup
 * of the database. The same erasure again writes another entry that says the same.
 */
export async function writeJournal(app: App, erasure: Erasure): Promise<void> {
  const { _id: id, scope, accountIds = [], keyIds = [], generation, pseudonym, createdAt } = erasure;
  const { confirmedAt = createdAt, startedAt = confirmedAt } = erasure;
  const times = { confirmedAt: confirmedAt.toISOString(), startedAt: startedAt.toISOString() };
  const entry: Entry = { id, scope, accountIds, keyIds, ...(generation && { generation }), pseudonym, ...times };
  await app.storage.put(nameOf(app, id), Buffer.from(JSON.stringify(entry)), app.keys.journalKey, CONTEXT);
}

/**
 * Deletes again what a restored backup has brought back; how much that was. Called at every start before anything else looks at the
 * database. Throws while the object store is away: a service that does not know what was deleted does not start.
 */
export async function replayJournal(app: App): Promise<number> {
  const walk = await app.models.walks.findById('journal').lean();
  let after = walk?.cursor ? marginBefore(walk.cursor) : undefined;
  let last = walk?.cursor ?? '';
  let replayed = 0;
  for (;;) {
    const { keys, next } = await app.storage.list(PREFIX, after, PAGE);
    replayed += await replayPage(app, keys);
    last = [last, ...keys].sort().at(-1) ?? '';
    after = next;
    if (!next) break;
  }
  const nextAt = new Date(app.now() + NEXT_MS);
  await app.models.walks.updateOne({ _id: 'journal' }, { $set: { cursor: last, nextAt } }, { upsert: true });
  if (replayed > 0) app.log.warn('a backup had brought back what was deleted, and it is deleted again', { count: replayed });
  return replayed;
}

const marginBefore = (name: string): string =>
  `${PREFIX}${new Date(Date.parse(name.slice(PREFIX.length, PREFIX.length + 24)) - MARGIN_MS).toISOString()}`;

/** One query says of a whole page what this database knows to be done, which in ordinary times is all of it. */
async function replayPage(app: App, names: readonly string[]): Promise<number> {
  const ids = names.map((name) => name.slice(PREFIX.length + 25));
  const done = await app.models.erasures.find({ _id: { $in: ids }, state: 'done' }, { _id: 1 }).lean();
  const isDone = new Set(done.map(({ _id }) => _id));
  let replayed = 0;
  for (const [index, name] of names.entries()) {
    const id = ids[index] ?? '';
    if (!isDone.has(id) && (await replay(app, name))) replayed += 1;
  }
  return replayed;
}

async function replay(app: App, name: string): Promise<boolean> {
  const bytes = await app.storage.get(name, app.keys.journalKey, CONTEXT);
  const entry = entrySchema.parse(JSON.parse(bytes.toString()));
  if (!(await isBack(app, entry))) return false;
  const known = await readErasure(app, entry.id);
  // Under way, here or in another process that has its hands in it: its accounts are closed at once, and its worker goes on.
  if (known?.state === 'running' && known.cause !== 'restored') {
    if (known.scope === 'account') await freezeAgain(app, known);
    return false;
  }
  await finish(app, await restored(app, entry, known));
  return true;
}

/** Whether the database holds any of these people again. */
async function isBack(app: App, { accountIds, keyIds }: Entry): Promise<boolean> {
  if (await app.models.accounts.exists({ _id: { $in: accountIds } })) return true;
  return (await app.models.keys.exists({ _id: { $in: keyIds }, state: 'active' })) !== null;
}

/** The erasure, running again from where nothing new can be written. The chats and processors were asked the first time. */
async function restored(app: App, entry: Entry, known: Erasure | undefined): Promise<Erasure> {
  if (known?.cause === 'restored' && known.state === 'running') return known;
  const { id, scope, accountIds, keyIds, generation, pseudonym } = entry;
  const erasure: Erasure = {
    _id: id,
    ...{ rev: (known?.rev ?? 0) + 1, scope, state: 'running', accountIds, keyIds, ...(generation && { generation }) },
    ...{ step: 'freeze', pseudonym, counts: [], answers: [], kept: [], cause: 'restored', tries: 0 },
    createdAt: new Date(entry.confirmedAt),
    confirmedAt: new Date(entry.confirmedAt),
    startedAt: new Date(entry.startedAt),
    dueAt: new Date(app.now()),
  };
  await app.models.erasures.replaceOne({ _id: id }, erasure, { upsert: true });
  return erasure;
}

/** Takes every step that destroys, here and now. */
async function finish(app: App, erasure: Erasure): Promise<void> {
  let current = erasure;
  for (let taken = 0; taken < MOST_STEPS && current.state === 'running'; taken++) {
    if (current.step === 'processors') current = await skipTo(app, current, 'key');
    const { erasure: moved, afterMs = 0 } = await takeStep(app, current, { sends: {}, removes: {} });
    if (afterMs > 0) await wait(Math.min(afterMs, LONGEST_WAIT_MS));
    // Another process that has just started is at it too.
    const next = moved ?? (await readErasure(app, current._id));
    if (!next) return;
    current = next;
  }
  if (current.state === 'running') throw new Error('what a backup brought back could not be deleted again');
}

async function skipTo(app: App, erasure: Erasure, step: 'key'): Promise<Erasure> {
  const moved = (await changeErasure(app, erasure, { set: { step } })) ?? (await readErasure(app, erasure._id));
  if (!moved) throw new Error('an erasure is gone');
  return moved;
}
