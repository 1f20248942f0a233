import type { App } from '../core/app.ts';

const PATIENCE_MS = 2_000;

/** Ready while the database answers. Redis is no part of it: requests are accepted without it and driven on later. */
export async function isReady(app: App): Promise<boolean> {
  try {
    await app.connection.db?.command({ ping: 1 }, { timeoutMS: PATIENCE_MS });
    return app.connection.readyState === 1;
  } catch {
    return false;
  }
}
