import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Credentials {
  redisPassword: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** The credentials of the servers under `dataDir`, made at the first start and kept in a file only its owner may read. */
export async function credentialsIn(dataDir: string): Promise<Credentials> {
  const path = join(dataDir, 'credentials');
  const kept = await readFile(path, 'utf8').catch(() => '');
  const [redisPassword, accessKeyId, secretAccessKey] = kept.trim().split('\n');
  if (redisPassword && accessKeyId && secretAccessKey) return { redisPassword, accessKeyId, secretAccessKey };
  const made = {
    redisPassword: randomBytes(24).toString('hex'),
    accessKeyId: randomBytes(10).toString('hex').toUpperCase(),
    secretAccessKey: randomBytes(20).toString('hex'),
  };
  await writeFile(`${path}.new`, `${made.redisPassword}\n${made.accessKeyId}\n${made.secretAccessKey}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return made;
}
