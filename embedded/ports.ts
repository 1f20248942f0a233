import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below 32768, where neither Linux nor macOS takes ports for outgoing connections: a port stays ours while its server restarts.
const LOWEST = 12_000;
const HIGHEST = 22_000;
const GRPC = 10_000;

const given = new Set<number>();

/** A port free on loopback, as is the one 10,000 above it, which SeaweedFS opens too. Never the same twice in one process. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (given.has(port)) continue;
    given.add(port);
    if ((await isFree(port)) && (await isFree(port + GRPC))) return port;
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST} on 127.0.0.1`);
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
