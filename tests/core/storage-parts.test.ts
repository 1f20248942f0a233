import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Multipart, uploadInParts } from '../../core/storage/parts.ts';

/** A store that is slow, so that a buffer that was used again too early would show. */
function fakeStore(failing?: keyof Multipart | number) {
  const events: string[] = [];
  const stored: Buffer[] = [];
  const note = async (event: string, of: keyof Multipart, number?: number) => {
    events.push(event);
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    if (failing === of || (number !== undefined && failing === number)) throw new Error(`the store refused to ${of}`);
  };
  const store: Multipart = {
    async whole(bytes) {
      await note(`whole ${bytes.length}`, 'whole');
      stored.push(Buffer.from(bytes));
    },
    async begin() {
      await note('begin', 'begin');
      return 'u';
    },
    async part(_upload, number, bytes) {
      await note(`part ${number} of ${bytes.length}`, 'part', number);
      stored.push(Buffer.from(bytes));
      return `tag ${number}`;
    },
    finish: (_upload, tags) => note(`finish ${tags.length}`, 'finish'),
    abandon: () => note('abandon', 'abandon'),
  };
  return { store, events, stored };
}

async function* chunksOf(bytes: Buffer, size: number, ended: () => void = () => {}) {
  try {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  } finally {
    ended();
  }
}

test.each([
  [0, ['whole 0']],
  [1, ['whole 1']],
  [100, ['whole 100']],
  [101, ['begin', 'part 1 of 100', 'part 2 of 1', 'finish 2']],
  [300, ['begin', 'part 1 of 100', 'part 2 of 100', 'part 3 of 100', 'finish 3']],
])('%d bytes are sent in parts of 100, one after the other, and arrive as they were', async (length, expected) => {
  for (const size of [7, 100, 1_000]) {
    const bytes = randomBytes(length);
    const { store, events, stored } = fakeStore();
    await uploadInParts(chunksOf(bytes, size), 100, store);
    expect(events).toEqual(expected);
    expect(Buffer.concat(stored).equals(bytes)).toBe(true);
  }
});

test.each<[keyof Multipart | number, string[]]>([
  ['whole', ['whole 5']],
  ['begin', ['begin']],
  [1, ['begin', 'part 1 of 10', 'abandon']],
  [3, ['begin', 'part 1 of 10', 'part 2 of 10', 'part 3 of 10', 'abandon']],
  ['finish', ['begin', 'part 1 of 10', 'part 2 of 10', 'part 3 of 10', 'part 4 of 10', 'finish 4', 'abandon']],
])('when %s is refused the upload is abandoned, the source ends, and the refusal is told', async (failing, expected) => {
  const { store, events } = fakeStore(failing);
  let isEnded = false;
  const source = chunksOf(randomBytes(failing === 'whole' ? 5 : 40), 4, () => {
    isEnded = true;
  });
  await expect(uploadInParts(source, 10, store)).rejects.toThrow('the store refused');
  expect(events).toEqual(expected);
  expect(isEnded).toBe(true);
});

test('a source that breaks abandons the upload once the part on its way has arrived', async () => {
  const { store, events } = fakeStore();
  const source = (async function* () {
    yield randomBytes(25);
    throw new Error('the source broke');
  })();
  await expect(uploadInParts(source, 10, store)).rejects.toThrow('the source broke');
  expect(events).toEqual(['begin', 'part 1 of 10', 'part 2 of 10', 'abandon']);
});
