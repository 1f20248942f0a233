const ends = new Map<string, Promise<void>>();

/**
 * One at a time for each account, in the order of asking, within this process: that keeps conflicts in the database rare.
 * What is right does not depend on it. `waited` tells the work that somebody else was busy with the account before.
 */
export async function takeTurn<T>(accountId: string, work: (waited: boolean) => Promise<T>): Promise<T> {
  const before = ends.get(accountId);
  const turn = (before ?? Promise.resolve()).then(() => work(before !== undefined));
  const end = turn.then(
    () => undefined,
    () => undefined,
  );
  ends.set(accountId, end);
  try {
    return await turn;
  } finally {
    if (ends.get(accountId) === end) ends.delete(accountId);
  }
}
