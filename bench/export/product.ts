import { performance } from 'node:perf_hooks';
import type { Reply, Send } from '../../core/chat.ts';
import { run } from '../../workers/export.ts';
import { openExporter } from './exporter.ts';
import { report } from './measured.ts';

/** The product's own export worker, from the person's wish that lies in the database to the answer in the chat. */
const app = await openExporter(process.env);
const told: Reply[] = [];
const send: Send = async (_place, reply) => {
  told.push(reply);
  return {};
};
const wish = await app.models.archives.findOne({ state: 'queued' }).lean();
if (!wish) throw new Error('no export was asked for');
const began = performance.now();
await run(app, { telegram: send }, wish._id);
const milliseconds = performance.now() - began;
const made = await app.models.archives.findById(wish._id).lean();
if (made?.state !== 'ready' || made.files?.missing !== 0) throw new Error(`the export ended as ${JSON.stringify(made)}`);
report({ milliseconds, bytes: made.size ?? 0 });
await app.connection.close();
app.storage.close();
