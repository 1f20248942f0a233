/** Tasks of one key run one after the other, in the order they came; those of different keys side by side. */
export interface Order {
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
  /** Something of this key is under way or waits. */
  busy(key: string): boolean;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** At most `limit` tasks at once. A task that fails does not hold up those behind it. */
export function createOrder(limit: number): Order {
  const last = new Map<string, Promise<unknown>>();
  const queue: (() => void)[] = [];
  let free = limit;

  async function inSlot<T>(task: () => Promise<T>): Promise<T> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await task();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  }

  return {
    run(key, task) {
      const before = last.get(key) ?? Promise.resolve();
      const done = before.then(() => inSlot(task));
      const settled = done.then(
        () => {},
        () => {},
      );
      last.set(key, settled);
      void settled.then(() => {
        if (last.get(key) === settled) last.delete(key);
      });
      return done;
    },
    busy: (key) => last.has(key),
    async idle() {
      while (last.size > 0) await Promise.all(last.values());
    },
  };
}
