/** Runs `work` on an account; `waited` tells it that somebody else was busy with the account before. */
export type Turns = <T>(accountId: string, work: (waited: boolean) => Promise<T>) => Promise<T>;

/** One at a time for each account, in the order of asking, among those who share these turns. */
export function newTurns(): Turns {
  const ends = new Map<string, Promise<void>>();
  return async (accountId, work) => {
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
  };
}

/** The turns of this process: they keep conflicts in the database rare. What is right does not depend on them. */
export const takeTurn: Turns = newTurns();
