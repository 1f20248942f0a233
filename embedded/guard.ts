import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

// Runs "$@" as a child, notes its pid in the file "$0", sends it every signal named on standard input, and kills the whole
// group when standard input ends, which is also what happens when our process dies, however it dies.
const SCRIPT = `
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
echo "$child" >"$0"
(while read -r name <&3; do kill -s "$name" "$child"; done; kill -s KILL 0) &
reader=$!
exec 3<&-
wait "$child"
code=$?
kill "$reader"
exit "$code"
`;

export interface Guarded {
  /** The exit code; 128 and the signal's number when a signal ended it, 127 when it could not be run. */
  exited: Promise<number>;
  terminate(): void;
  kill(): void;
  /** Whether this child alone keeps our process running. It does until told otherwise. */
  holdOpen(hold: boolean): void;
}

export interface GuardedOptions {
  directory: string;
  env: Record<string, string>;
  pidFile: string;
  /** What receives both outputs: an open file, or each line. */
  output: number | ((line: string) => void);
}

/** Starts a program that cannot outlive this process, in a session of its own so that Ctrl-C reaches only us. */
export function startGuarded(command: readonly string[], { directory, env, pidFile, output }: GuardedOptions): Guarded {
  const child = spawn('/bin/sh', ['-c', SCRIPT, pidFile, ...command], {
    cwd: directory,
    env,
    detached: true,
    stdio: typeof output === 'number' ? ['pipe', output, output] : ['pipe', 'pipe', 'pipe'],
  });
  if (typeof output === 'function') {
    for (const stream of [child.stdout, child.stderr]) if (stream) createInterface(stream).on('line', output);
  }
  const input = child.stdin;
  // It may end between our look and our word to it.
  input?.on('error', () => {});
  const exited = new Promise<number>((resolve) => {
    const end = (code: number) => {
      input?.destroy();
      resolve(code);
    };
    child.once('error', () => end(127));
    child.once(typeof output === 'number' ? 'exit' : 'close', (code) => end(code ?? 137));
  });
  return {
    exited,
    terminate: () => void input?.write('TERM\n'),
    kill: () => void input?.destroy(),
    holdOpen: (hold) => void (hold ? child.ref() : child.unref()),
  };
}
