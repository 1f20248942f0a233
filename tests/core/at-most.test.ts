import { expect, test } from 'vitest';
import { atMost } from '../../core/at-most.ts';

test('runs no more than the limit side by side, in order, and goes on after a failure', async () => {
  const inTurn = atMost(2);
  const begun: string[] = [];
  const ends = new Map<string, { resolve(): void; reject(error: Error): void }>();
  const start = (name: string) =>
    inTurn(() => {
      begun.push(name);
      return new Promise<void>((resolve, reject) => ends.set(name, { resolve, reject }));
    });
  const [first, second, third, fourth] = ['first', 'second', 'third', 'fourth'].map(start);
  await Promise.resolve();
  expect(begun).toEqual(['first', 'second']);
  ends.get('second')?.reject(new Error('it broke'));
  await expect(second).rejects.toThrow('it broke');
  expect(begun).toEqual(['first', 'second', 'third']);
  ends.get('first')?.resolve();
  await first;
  expect(begun).toEqual(['first', 'second', 'third', 'fourth']);
  for (const name of ['third', 'fourth']) ends.get(name)?.resolve();
  await Promise.all([third, fourth]);
});
