import { expect, test } from 'vitest';
import { createOrder } from '../../../bots/telegram/order.ts';

function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test('runs one key in order and other keys side by side', async () => {
  const order = createOrder(10);
  const seen: string[] = [];
  const first = gate();
  const slow = order.run('a', async () => {
    await first.opened;
    seen.push('a1');
  });
  const behind = order.run('a', async () => seen.push('a2'));
  await order.run('b', async () => seen.push('b1'));
  expect(seen).toEqual(['b1']);
  first.open();
  await Promise.all([slow, behind]);
  expect(seen).toEqual(['b1', 'a1', 'a2']);
});

test('goes on behind a task that failed, and tells its caller', async () => {
  const order = createOrder(1);
  const failed = order.run('a', async () => {
    throw new Error('lost');
  });
  await expect(failed).rejects.toThrow('lost');
  await expect(order.run('a', async () => 'next')).resolves.toBe('next');
});

test('never runs more tasks at once than allowed', async () => {
  const order = createOrder(3);
  let running = 0;
  let most = 0;
  const tasks = Array.from({ length: 20 }, (_, at) =>
    order.run(`chat ${at}`, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    }),
  );
  await Promise.all(tasks);
  expect(most).toBe(3);
});

test('forgets a key whose tasks are done', async () => {
  const order = createOrder(1);
  const done = order.run('a', async () => {});
  expect(order.busy('a')).toBe(true);
  await done;
  await order.idle();
  expect(order.busy('a')).toBe(false);
});
