/** "1 credit", "12 credits". */
export const credits = (amount: number): string => `${amount} ${amount === 1 ? 'credit' : 'credits'}`;

/** "about 40 s", "about 3 min". */
export const about = (seconds: number): string =>
  seconds < 90 ? `about ${Math.max(5, Math.ceil(seconds / 5) * 5)} s` : `about ${Math.ceil(seconds / 60)} min`;

/** The start of a text, cut at a word with an ellipsis when it is longer than `limit` characters. */
export function shorten(text: string, limit: number): string {
  const plain = text.replace(/\s+/gu, ' ').trim();
  if (plain.length <= limit) return plain;
  const cut = plain.slice(0, limit - 1);
  const end = cut.lastIndexOf(' ');
  return `${(end > limit / 2 ? cut.slice(0, end) : cut).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}
