import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { App } from '../core/app.ts';
import { UserError } from '../core/errors.ts';
import { start } from '../main.ts';
import { reconcile } from '../workers/reconcile.ts';
import { refund } from './refund.ts';

const USAGE = `npm run operate -- refund <payment> [--full]       gives the unused share of a payment back, or all of it
npm run operate -- reconcile [--take-back]         compares rails and books now; --take-back also takes back what went back there`;

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** What an operator does by hand, with the settings of the deployment. Only the web role is started, on a free port of this machine. */
async function operate(): Promise<void> {
  const options = { full: { type: 'boolean' }, 'take-back': { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: process.argv.slice(2), options, allowPositionals: true });
  const [command, paymentId] = positionals;
  const isKnown = command === 'reconcile' || (command === 'refund' && paymentId);
  if (!isKnown) throw new UserError('usage', USAGE);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = process.env;
  if (!env.DISCORD_TOKEN && !env.TELEGRAM_TOKEN) throw new UserError('nothing_real', 'Set the tokens of the deployment first.');
  const own = { ROLES: 'web', HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: env.LOG_LEVEL ?? 'error' };
  const product = await start({ ...env, ...own }, say);
  try {
    const { app } = product;
    if (command === 'refund' && paymentId)
      for (const line of await refund(app, { paymentId, full: values.full ?? false })) say(line);
    else await compare(app, values['take-back'] ?? false);
  } finally {
    await product.close();
  }
}

async function compare(app: App, takesBack: boolean): Promise<void> {
  for (const { kind, seen, healed, drift } of await reconcile(app, { now: true, takesBack })) {
    say(`${kind}: ${seen} compared, ${healed} brought in, ${drift.length} differ`);
    for (const { code, reference = '', count } of drift) say(`  ${code} ${reference}${count === undefined ? '' : ` (${count})`}`);
  }
}

operate().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : 'The command failed.'}\n`);
    process.exit(1);
  },
);
