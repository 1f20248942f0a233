import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

const PACKAGES = ['discord.js', 'grammy', 'mongoose', 'bullmq'] as const;

/** On what the figures were measured. */
export function describeMachine(): string {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const versions = PACKAGES.map((name) => `${name} ${dependencies[name]}`).join(', ');
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${memory} GiB, node ${process.versions.node}, ${versions}`;
}

/** Processes that wanted to run during the last minute, on average; more than cores means that everything waits. */
export const describeLoad = (): string => `load average ${(loadavg()[0] ?? 0).toFixed(1)}`;
