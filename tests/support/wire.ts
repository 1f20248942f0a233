import { Redis } from 'ioredis';
import type { CommandStartedEvent } from 'mongodb';
import type { App } from '../../core/app.ts';

export interface Commands {
  /** Names of the database commands, in the order in which they went over the wire. */
  database: string[];
  /** Scripts that the queue ran. */
  scripts: number;
}

/** What `work` costs on the wire: the database's commands as the driver sends them, the queue's scripts as Redis counts them. */
export async function commandsOf(app: App, work: () => Promise<unknown>): Promise<Commands> {
  const client = app.connection.getClient();
  const database: string[] = [];
  const note = (event: CommandStartedEvent) => void database.push(event.commandName);
  const redis = new Redis(app.config.redis.url);
  try {
    const before = await scriptsOf(redis);
    client.on('commandStarted', note);
    await work();
    client.off('commandStarted', note);
    return { database, scripts: (await scriptsOf(redis)) - before };
  } finally {
    client.off('commandStarted', note);
    redis.disconnect();
  }
}

async function scriptsOf(redis: Redis): Promise<number> {
  const statistics = await redis.info('commandstats');
  return [...statistics.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
