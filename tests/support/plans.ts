import type { CommandStartedEvent } from 'mongodb';
import { z } from 'zod';
import type { App } from '../../core/app.ts';

/** What the database had to find: for a read, for a write, or for a join. */
export interface Query {
  /** "find generations by accountId, state". */
  about: string;
  collection: string;
  filter: Filter;
}

type Filter = Record<string, unknown>;

const filter = z.record(z.string(), z.unknown());
const changes = z.array(z.object({ q: filter }));
const lookup = z.object({
  from: z.string(),
  foreignField: z.string().optional(),
  pipeline: z.array(z.object({ $match: filter.optional() })).default([]),
});
const stages = z.array(z.object({ $match: filter.optional(), $lookup: lookup.optional() }));
const find = z.object({ find: z.string(), filter: filter.default({}) });
const findAndModify = z.object({ findAndModify: z.string(), query: filter.default({}) });
const update = z.object({ update: z.string(), updates: changes });
const remove = z.object({ delete: z.string(), deletes: changes });
const aggregate = z.object({ aggregate: z.string(), pipeline: stages });

const READERS: Record<string, (command: unknown) => Pick<Query, 'collection' | 'filter'>[]> = {
  find(command) {
    const { find: collection, filter } = find.parse(command);
    return [{ collection, filter }];
  },
  findAndModify(command) {
    const { findAndModify: collection, query: filter } = findAndModify.parse(command);
    return [{ collection, filter }];
  },
  update(command) {
    const { update: collection, updates } = update.parse(command);
    return updates.map(({ q: filter }) => ({ collection, filter }));
  },
  delete(command) {
    const { delete: collection, deletes } = remove.parse(command);
    return deletes.map(({ q: filter }) => ({ collection, filter }));
  },
  aggregate(command) {
    const { aggregate: collection, pipeline } = aggregate.parse(command);
    const joins = pipeline.flatMap(({ $lookup }) => $lookup ?? []);
    return [
      { collection, filter: pipeline[0]?.$match ?? {} },
      ...joins.map(({ from, foreignField, pipeline: inner }) => ({
        collection: from,
        filter: { ...(foreignField && { [foreignField]: 'joined' }), ...inner[0]?.$match },
      })),
    ];
  },
};

/** Commands that look for nothing. Any other that is not known here fails the test. */
const LOOKS_FOR_NOTHING = ['insert', 'commitTransaction', 'abortTransaction', 'endSessions'];

/** Every query of `work`, each shape once: the names it asks by, whatever their values. Needs an app with monitorCommands. */
export async function queriesOf(app: App, work: () => Promise<unknown>): Promise<Query[]> {
  const client = app.connection.getClient();
  const commands: CommandStartedEvent[] = [];
  const note = (event: CommandStartedEvent) => void commands.push(event);
  client.on('commandStarted', note);
  try {
    await work();
  } finally {
    client.off('commandStarted', note);
  }
  const queries = commands.filter(({ commandName }) => !LOOKS_FOR_NOTHING.includes(commandName)).flatMap(read);
  return [...new Map(queries.map((query) => [query.about, query])).values()];
}

function read({ commandName, command }: CommandStartedEvent): Query[] {
  const reader = READERS[commandName];
  if (!reader) throw new Error(`the plan of ${commandName} is not looked at`);
  return reader(command).map(({ collection, filter }) => {
    const names = Object.entries(filter).map(([name, condition]) => `${name}${isNegative(condition) ? ' not' : ''}`);
    return { about: `${commandName} ${collection} by ${names.join(', ') || 'nothing'}`, collection, filter };
  });
}

/** The queries for which the database would read a whole collection. */
export async function scansOf(app: App, queries: readonly Query[]): Promise<string[]> {
  const scans: string[] = [];
  for (const { about, collection, filter } of queries) if (!(await hasIndex(app, collection, filter))) scans.push(about);
  return scans;
}

/**
 * Writes are explained as the reads inside them. SecantusDB explains an index only where it covers all that is asked for, though
 * it uses it for a part as well; there an index for a part of the conditions will do, which all must hold anyway.
 */
async function hasIndex(app: App, collection: string, filter: Filter): Promise<boolean> {
  const { $or: ways, ...rest } = filter;
  if (Array.isArray(ways) && Object.keys(rest).length === 0) {
    // Either way is looked up by itself.
    for (const way of ways as Filter[]) if (!(await hasIndex(app, collection, way))) return false;
    return true;
  }
  const { scans, embedded } = await explain(app, collection, filter);
  if (!scans || !embedded) return !scans;
  for (const part of partsOf(filter)) if (!(await explain(app, collection, part)).scans) return true;
  return false;
}

async function explain(app: App, collection: string, filter: Filter): Promise<{ scans: boolean; embedded: boolean }> {
  const plan = await app.connection.db?.command({ explain: { find: collection, filter }, verbosity: 'queryPlanner' });
  if (!plan) throw new Error('the app is not connected');
  return { scans: JSON.stringify(plan.queryPlanner).includes('"COLLSCAN"'), embedded: plan.serverInfo?.host === 'secantus' };
}

/** Every choice of some of the conditions that name what is wanted; one that only says what is not wanted narrows nothing down. */
function partsOf(filter: Filter): Filter[] {
  const conditions = Object.entries(filter).filter(([, condition]) => !isNegative(condition));
  const choices: Filter[] = [];
  for (const [name, condition] of conditions) {
    const longer = choices.map((part) => ({ ...part, [name]: condition }));
    choices.push({ [name]: condition }, ...longer);
  }
  return choices;
}

function isNegative(condition: unknown): boolean {
  if (typeof condition !== 'object' || condition === null) return false;
  return ['$ne', '$nin', '$not', '$exists'].some((operator) => operator in condition);
}
