import type { Models } from '../../models/index.ts';

/** What kinds of data there are, as the policy page and the export name them. */
export const DATA_CLASSES = {
  account: 'Your account',
  generations: 'Your videos, prompts and pictures',
  credits: 'Your credits',
  payments: 'Your payments',
  consents: 'Your consents',
  privacy: 'Your privacy requests and who looked at your data',
  messages: 'Messages on their way',
  operation: 'What keeps the service running',
} as const;
export type DataClass = keyof typeof DATA_CLASSES;

/** Why it may be kept: to do what was asked for, because a law says so, because the person agreed, or to keep the service safe. */
export type Basis = 'contract' | 'law' | 'consent' | 'safety';

/**
 * How long something is kept. `days` count from the date in `from`, a path of the document, and `until` is a path that holds the last
 * moment itself, `about` says how long that is; the sweeper removes what is older, except where a worker of its own does.
 */
export type Retention =
  | { kept: 'account' }
  | { kept: 'deployment' }
  | { kept: 'until done' }
  | { days: number; from: string }
  | { until: string; about: string; by?: 'worker' };

/** How a path of a document is told whose it is. `key`: it holds the id of an account's key. */
export interface Owner {
  path: string;
  by: 'account' | 'key';
}

/** Of one stored path. Nested paths are written with dots; elements of a list as the list itself: `lots.id`. */
export interface PathRule {
  /** What it holds, for people. */
  about: string;
  /** Encrypted under the account's key: as text, or as JSON. `deployment`: under the deployment's key, and opened for nobody. */
  sealed?: 'text' | 'json' | 'deployment';
  /** Left out of the export, and why. Everything else of an exported collection is in it. */
  exportNot?: string;
  /** What becomes of it where the documents stay under a pseudonym: removed (`drop`), or kept. Needed there for every path. */
  whenKept?: 'keep' | 'drop' | 'pseudonym';
}

/** What happens to its documents when the account is deleted. `keep` and `pseudonymise` say why; `expire`: they end by themselves within their days. */
export type EraseRule =
  | { how: 'delete' }
  | { how: 'expire' }
  | { how: 'keep'; why: string }
  | { how: 'pseudonymise'; why: string };

/** One collection: what is in it, why, for how long, and what the person can do about it. */
export interface CollectionRule {
  class: DataClass;
  /** What it is, for people: "videos you asked for". */
  title: string;
  purpose: string;
  basis: Basis;
  /** Whose a document is, by any of these; none where it is nobody's. */
  owners: readonly Owner[];
  retention: Retention;
  /** Whether the person takes it along, or why not. */
  export: 'yes' | { not: string };
  erase: EraseRule;
  paths: Readonly<Record<string, PathRule>>;
}

/** What is kept outside the database, by how its names begin: a Redis key, an object, a file. */
export interface PlaceRule {
  class: DataClass;
  about: string;
  purpose: string;
  basis: Basis;
  /** For people: "24 hours", "while it is sent". */
  kept: string;
  encrypted: boolean;
  export: 'yes' | { not: string };
  /** How it goes when the account is deleted. */
  erase: 'delete' | 'expire' | 'holds nothing of a person';
}

/** Somebody else who handles data for us. */
export interface Processor {
  name: string;
  does: string;
  gets: string;
  where: string;
  /** What happens there when the account is deleted. */
  erase: string;
  /** Hosts that are contacted for it, `*.` for any below, or the setting that names it; nothing leaves this machine for others. */
  hosts: readonly string[];
  /** Whether this deployment uses it. */
  used: (config: { [name: string]: unknown }) => boolean;
}

/** One field of a log line. */
export interface LogRule {
  about: string;
}

export interface Registry {
  collections: Readonly<Record<keyof Models, CollectionRule>>;
  redis: Readonly<Record<string, PlaceRule>>;
  objects: Readonly<Record<string, PlaceRule>>;
  files: Readonly<Record<string, PlaceRule>>;
  logs: Readonly<Record<string, LogRule>>;
  /** Days that log lines are kept where the operator's collector follows the recommendation. */
  logDays: number;
  processors: readonly Processor[];
}
