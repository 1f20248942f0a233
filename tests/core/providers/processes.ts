import { readdirSync, readFileSync } from 'node:fs';

/** Linux only: what /proc says about the processes that one process started, at any depth. */
export interface Descendant {
  pid: number;
  command: string;
  environment: string;
  niceness: number;
}

export function descendantsOf(root: number): Descendant[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => describe(Number(name)) ?? []);
  const found: Descendant[] = [];
  const parents = [root];
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const process of all.filter((one) => one.parent === parent)) {
      found.push(process);
      parents.push(process.pid);
    }
  }
  return found;
}

/** Whether it still does something: a process that nobody has fetched yet does not. */
export const isAlive = (pid: number): boolean => describe(pid) !== undefined;

function describe(pid: number): (Descendant & { parent: number }) | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    return { pid, parent: Number(fields[1]), niceness: Number(fields[16]), command, environment };
  } catch {
    return undefined;
  }
}
