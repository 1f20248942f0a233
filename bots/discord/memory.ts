/** Remembers at most `most` values, each for `lifetime` milliseconds; the oldest give way. */
export function createMemory<Value>(options: { lifetime: number; most: number; now: () => number }) {
  const kept = new Map<string, { value: Value; until: number }>();
  return {
    get(key: string): Value | undefined {
      const entry = kept.get(key);
      return entry && entry.until > options.now() ? entry.value : undefined;
    },
    set(key: string, value: Value): void {
      kept.delete(key);
      kept.set(key, { value, until: options.now() + options.lifetime });
      for (const oldest of kept.keys()) {
        if (kept.size <= options.most) break;
        kept.delete(oldest);
      }
    },
  };
}
