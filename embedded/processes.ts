import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What tells this run of a process from a later one with the same number; undefined when no such process runs. */
export function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return ask('lstart=', pid);
  const stat = read(`/proc/${pid}/stat`);
  // After the name in brackets come the state and, as the 20th word, the start in ticks since the machine started.
  const words = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (!words || words[0] === 'Z' || words[0] === 'X') return undefined;
  return `${words[19]}@${read('/proc/sys/kernel/random/boot_id')?.trim()}`;
}

/** The command line of a running process, or undefined. */
export function commandOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return ask('command=', pid);
  return read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ');
}

/** Ends the process named in `pidFile` if it is one of ours: its command line must hold `mark`. Resolves when it is gone. */
export async function endLeftover(pidFile: string, mark: string): Promise<void> {
  const pid = Number(read(pidFile));
  if (!Number.isInteger(pid) || pid <= 1) return;
  const started = startOf(pid);
  if (started === undefined || !commandOf(pid)?.includes(mark)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
  while (startOf(pid) === started) await pause(10);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function ask(column: string, pid: number): string | undefined {
  try {
    const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' };
    return (
      execFileSync('ps', ['-ww', '-o', column, '-p', String(pid)], { env, stdio: 'pipe', encoding: 'utf8' }).trim() || undefined
    );
  } catch {
    return undefined;
  }
}
