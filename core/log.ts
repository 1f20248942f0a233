import { pino } from 'pino';

/** Everything a log line may hold besides its event: ids, codes and numbers of ours, never words or names of people. */
export interface LogFields {
  generation?: string;
  request?: string;
  reference?: string;
  command?: string;
  platform?: string;
  provider?: string;
  state?: string;
  code?: string;
  error?: string;
  where?: string;
  address?: string;
  version?: string;
  count?: number;
  milliseconds?: number;
  bytes?: number;
  attempt?: number;
  status?: number;
}

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** JSON lines to `write` (standard output by default). Fields are copied one by one, so nothing else can slip in. */
export function createLog(level: string, write?: (line: string) => void): Log {
  const out = write ? pino({ level, base: null }, { write }) : pino({ level, base: null });
  return {
    info: (event, fields) => out.info(allowed(fields), event),
    warn: (event, fields) => out.warn(allowed(fields), event),
    error: (event, fields) => out.error(allowed(fields), event),
  };
}

/** The names of all of them. */
export const LOG_FIELDS: readonly (keyof LogFields)[] = [
  'generation',
  'request',
  'reference',
  'command',
  'platform',
  'provider',
  'state',
  'code',
  'error',
  'where',
  'address',
  'version',
  'count',
  'milliseconds',
  'bytes',
  'attempt',
  'status',
];

function allowed(fields: LogFields = {}): LogFields {
  return Object.fromEntries(LOG_FIELDS.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));
}

/** What may be said of an error: its kind, its code and where it was thrown. Never its message, which may quote a person. */
export function describe(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? String(error.code) : undefined;
  const where = /\n\s+at .*?([\w-]+\.[jt]s:\d+)/.exec(error.stack ?? '')?.[1];
  return { error: error.name, ...(code && { code }), ...(where && { where }) };
}
