/** Somebody's place in the line: whose generation it is and since when it waits, oldest first. */
export interface Waiting {
  id: string;
  accountId: string;
}

/** Whose turn it is: the account with the fewest running comes first, then who waits longest. So ten requests of one person hold up nobody else. */
export function nextInLine(waiting: readonly Waiting[], running: readonly string[]): string | undefined {
  const busy = new Map<string, number>();
  for (const accountId of running) busy.set(accountId, (busy.get(accountId) ?? 0) + 1);
  let best: { id: string; running: number } | undefined;
  for (const { id, accountId } of waiting) {
    const own = busy.get(accountId) ?? 0;
    if (!best || own < best.running) best = { id, running: own };
  }
  return best?.id;
}

/** 1st, 2nd, 3rd, 4th … 11th … 21st. */
export function ordinal(position: number): string {
  const teen = position % 100 >= 11 && position % 100 <= 13;
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][position % 10] ?? 'th');
  return `${position}${ending}`;
}
