import { join } from 'node:path';
import { createLocalProvider } from '../../core/providers/local.ts';
import { type Poll, SubmitRejected, Transient, type VideoProvider } from '../../core/providers/provider.ts';
import { start } from '../../main.ts';

// The product as main.ts starts it, with a provider that fails where the prompt tells it to, and quotes that prompt as a careless one would,
// and with a clock that a signal sets on.
const { FFMPEG_PATH = '', DATA_DIR = '' } = process.env;
const local = createLocalProvider({ ffmpeg: FFMPEG_PATH, workDir: join(DATA_DIR, 'work'), slots: 2, quality: 'small' });
const prompts = new Map<string, string>();
const failed = new Set<string>();

/** True once for each job whose prompt holds the order. */
function ordered(reference: string, order: string): boolean {
  const mark = `${order} ${reference}`;
  if (!prompts.get(reference)?.includes(order) || failed.has(mark)) return false;
  failed.add(mark);
  return true;
}

const quoting = (id: string) => Object.assign(new Error(`cannot make "${prompts.get(id)}"`), { request: prompts.get(id) });

const provider: VideoProvider = {
  ...local,
  async submit(request) {
    prompts.set(request.reference, request.prompt);
    if (ordered(request.reference, 'REFUSE')) throw new SubmitRejected('content_policy');
    if (ordered(request.reference, 'LOSE')) throw quoting(request.reference);
    return local.submit(request);
  },
  async poll(job): Promise<Poll> {
    if (prompts.get(job.id)?.includes('HOLD')) return { state: 'running' };
    if (ordered(job.id, 'STUMBLE')) throw quoting(job.id);
    if (ordered(job.id, 'WAIT')) throw new Transient(500, { cause: quoting(job.id) });
    return ordered(job.id, 'FAIL') ? { state: 'failed', reason: 'provider_error' } : local.poll(job);
  },
};

const say = (line: string) => void process.stdout.write(`${line}\n`);
/** An erasure is swept once more ten minutes behind its end. */
const AHEAD_MS = 11 * 60_000;
let ahead = 0;
process.on('SIGUSR2', () => {
  ahead += AHEAD_MS;
  say('Minutes have passed');
});
const product = await start(process.env, say, { provider, now: () => Date.now() + ahead });
process.once('SIGTERM', () => {
  product.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
say(`Health: ${product.url}/health/ready`);
