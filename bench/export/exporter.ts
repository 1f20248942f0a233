import { join } from 'node:path';
import mongoose from 'mongoose';
import type { App } from '../../core/app.ts';
import { readConfig } from '../../core/config.ts';
import { loadKeks, openKeys } from '../../core/keys.ts';
import type { Log } from '../../core/log.ts';
import { readCatalog } from '../../core/payments/catalog.ts';
import { createStorage } from '../../core/storage.ts';
import { modelsOf } from '../../models/index.ts';
import { s3Of } from './stores.ts';

/**
 * What the export worker uses of an app, and nothing else: a whole one brings the clients of queue, shops, mail and pictures, which hold
 * memory of their own whatever is exported.
 */
export async function openExporter(env: NodeJS.ProcessEnv): Promise<App> {
  const config = readConfig(env);
  const connection = await mongoose.createConnection(config.MONGODB_URI ?? '', { dbName: config.NAME }).asPromise();
  const models = modelsOf(connection);
  const keys = await openKeys(models, await loadKeks({ ...config, file: join(config.DATA_DIR, 'master.key') }));
  const parts = { config, log: complaints, now: Date.now, connection, models, keys, storage: createStorage(s3Of(env)) };
  const used = { ...parts, catalog: readCatalog(config), address: {}, queue: { recall: async () => undefined } };
  return used as unknown as App;
}

const tell = (event: string, fields?: object) => void process.stderr.write(`${event} ${JSON.stringify(fields ?? {})}\n`);
const complaints: Log = { info: () => {}, warn: tell, error: tell };
