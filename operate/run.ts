import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { App } from '../core/app.ts';
import { UserError } from '../core/errors.ts';
import { reconcile } from '../workers/reconcile.ts';
import { look } from './look.ts';
import { newKey } from './new-key.ts';
import { news } from './news.ts';
import { refund } from './refund.ts';
import { rotateKeys } from './rotate.ts';
import { sample } from './sample.ts';

/** Does one thing by hand and gives back what to tell the operator. Throws UserError where nothing can be done. */
export type Operation = (app: App, args: readonly string[]) => Promise<string[]>;

interface Command {
  /** What is written after the name. */
  args: string;
  about: string;
  run: Operation;
}

/** What an operator can do by hand, one line each. */
const COMMANDS: Readonly<Record<string, Command>> = {
  refund: { args: '<payment> [--full]', about: 'gives the unused share of a payment back, or all of it', run: refundPayment },
  reconcile: { args: '[--take-back]', about: 'compares rails and books now; also takes back what went back there', run: compare },
  'rotate-keys': { args: '', about: 'wraps every stored key anew by the present master key', run: rotateKeys },
  look: {
    args: '<what> --reason <code> --role <role>',
    about: 'shows data of an account, which its access log tells',
    run: look,
  },
  sample: { args: '', about: 'shows a video for quality review, of somebody who agreed to that', run: sample },
  news: { args: '<file>', about: 'sends news to everybody who consented', run: news },
};

const lineOf = ([name, { args, about }]: [string, Pick<Command, 'args' | 'about'>]) =>
  `npm run operate -- ${`${name} ${args}`.padEnd(66)} ${about}`;

const USAGE = [
  ...Object.entries(COMMANDS),
  ['new-key', { args: '', about: 'prints a new MASTER_KEY; needs nothing that runs' }] satisfies [string, object],
]
  .map(lineOf)
  .join('\n');

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** With the settings of the deployment. Only the web role is started, on a free port of this machine. */
async function operate([name = '', ...args]: readonly string[]): Promise<void> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command && name !== 'new-key') throw new UserError('usage', USAGE);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = process.env;
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  if (!command) return tell(await newKey(env));
  if (!env.DISCORD_TOKEN && !env.TELEGRAM_TOKEN) throw new UserError('nothing_real', 'Set the tokens of the deployment first.');
  const own = { ROLES: 'web', HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: env.LOG_LEVEL ?? 'error' };
  // Only here: what needs no product shall not wait for all of it.
  const { start } = await import('../main.ts');
  const product = await start({ ...env, ...own }, say);
  try {
    tell(await command.run(product.app, args));
  } finally {
    await product.close();
  }
}

async function refundPayment(app: App, args: readonly string[]): Promise<string[]> {
  const { values, positionals } = parseArgs({ args: [...args], options: { full: { type: 'boolean' } }, allowPositionals: true });
  const [paymentId, ...rest] = positionals;
  if (!paymentId || rest.length > 0) throw new UserError('usage', 'Name one payment: refund <payment> [--full]');
  return refund(app, { paymentId, full: values.full ?? false });
}

async function compare(app: App, args: readonly string[]): Promise<string[]> {
  const { values } = parseArgs({ args: [...args], options: { 'take-back': { type: 'boolean' } } });
  const reports = await reconcile(app, { now: true, takesBack: values['take-back'] ?? false });
  return reports.flatMap(({ kind, seen, healed, drift }) => [
    `${kind}: ${seen} compared, ${healed} brought in, ${drift.length} differ`,
    ...drift.map(({ code, reference = '', count }) => `  ${code} ${reference}${count === undefined ? '' : ` (${count})`}`),
  ]);
}

function tell(lines: readonly string[]): void {
  for (const line of lines) say(line);
}

/** What Node says of an argument it does not know is for the operator, beside how the commands are written. */
function explained(error: unknown): string {
  if (!(error instanceof Error)) return 'The command failed.';
  const isUsage = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  return isUsage ? `${error.message}\n${USAGE}` : error.message;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  operate(process.argv.slice(2)).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${explained(error)}\n`);
      process.exit(1);
    },
  );
}
