import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createInbox } from '../../core/inbox.ts';
import { Unreadable } from '../../core/keys.ts';
import { STORED_UPDATES, type StoredUpdateDocument } from '../../models/stored-update.ts';
import { openApp } from '../support/app.ts';

const LEASE_MS = 30_000;
const START = Date.UTC(2030, 0, 1);

/** An inbox with a clock of its own, a second process on the same database, and the documents as they are stored. */
async function openInbox() {
  let at = START;
  const now = () => at;
  const app = await openApp({ now });
  const stored = app.connection.collection<StoredUpdateDocument>(STORED_UPDATES);
  return {
    inbox: app.inbox,
    other: createInbox({ connection: app.connection, keys: app.keys, now }),
    stored,
    close: () => app.connection.getClient().close(),
    wait: (milliseconds: number) => {
      at += milliseconds;
    },
    document: async (id: string) => {
      const found = await stored.findOne({ _id: id });
      if (!found) throw new Error(`${id} is not stored`);
      return found;
    },
  };
}

const update = (id: string, body: unknown = { text: `words of ${id}` }) => ({ id, chat: '4711', body });
const ids = (updates: { id: string }[]) => updates.map(({ id }) => id);

describe('an update that is kept', () => {
  test('belongs to the process that took it for half a minute, and then to the one that asks first', async () => {
    const { inbox, other, wait } = await openInbox();
    await inbox.keep([update('tg-1')]);
    expect(await inbox.waiting()).toEqual([]);
    wait(LEASE_MS - 1);
    expect(await other.waiting()).toEqual([]);
    wait(1);
    expect(ids(await other.waiting())).toEqual(['tg-1']);
    expect(await inbox.waiting()).toEqual([]);
  });

  test('comes back once more when the process that took it over dies too', async () => {
    const { inbox, other, wait } = await openInbox();
    await inbox.keep([update('tg-1')]);
    wait(LEASE_MS);
    expect(ids(await other.waiting())).toEqual(['tg-1']);
    wait(LEASE_MS - 1);
    expect(await inbox.waiting()).toEqual([]);
    wait(1);
    expect(ids(await inbox.waiting())).toEqual(['tg-1']);
  });

  test('is taken over by one process only when several ask at once', async () => {
    const { inbox, other, wait } = await openInbox();
    const kept = Array.from({ length: 20 }, (_, n) => update(`tg-${n}`));
    await inbox.keep(kept);
    wait(LEASE_MS);
    const taken = await Promise.all([inbox.waiting(), other.waiting(), inbox.waiting(), other.waiting()]);
    expect(taken.flatMap(ids).sort()).toEqual(ids(kept).sort());
  });

  test('is handed over oldest first, at most a hundred at a time', async () => {
    const { inbox, wait } = await openInbox();
    await inbox.keep([update('tg-late')]);
    wait(-1);
    await inbox.keep([update('tg-early')]);
    wait(1 + LEASE_MS);
    expect(ids(await inbox.waiting())).toEqual(['tg-early', 'tg-late']);
    await inbox.keep(Array.from({ length: 101 }, (_, n) => update(`tg-${n}`)));
    wait(LEASE_MS - 1);
    expect(await inbox.waiting()).toHaveLength(0);
    wait(1);
    expect(await inbox.waiting()).toHaveLength(100);
    expect(await inbox.waiting()).toHaveLength(3);
  });

  test('is given back as it was, whatever it holds', async () => {
    const { inbox, wait } = await openInbox();
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (body) => {
        const id = `tg-${++count}`;
        await inbox.keep([update(id, body)]);
        wait(LEASE_MS);
        expect(await inbox.waiting()).toEqual([{ id, chat: expect.any(String), body: JSON.parse(JSON.stringify(body)) }]);
        await inbox.done(id);
      }),
      { numRuns: 25 },
    );
  });

  test('names its chat alike each time, so that one chat stays in order, and without telling which it is', async () => {
    const { inbox, wait } = await openInbox();
    await inbox.keep([update('tg-1'), update('tg-2'), { ...update('tg-3'), chat: '4712' }]);
    wait(LEASE_MS);
    const [first, second, third] = (await inbox.waiting()).sort((a, b) => a.id.localeCompare(b.id));
    expect(first?.chat).toBe(second?.chat);
    expect(first?.chat).not.toBe(third?.chat);
    expect(first?.chat).not.toContain('4711');
  });
});

describe('an update that arrives again', () => {
  test('is not new, while it waits and after it was handled', async () => {
    const { inbox, other, wait } = await openInbox();
    expect(await inbox.keep([update('tg-1')])).toEqual(['tg-1']);
    expect(await other.keep([update('tg-1')])).toEqual([]);
    await inbox.done('tg-1');
    wait(24 * 3_600_000);
    expect(await other.keep([update('tg-1')])).toEqual([]);
  });

  test('does not hold up the new ones beside it', async () => {
    const { inbox } = await openInbox();
    await inbox.keep([update('tg-1'), update('tg-3')]);
    expect(await inbox.keep([update('tg-1'), update('tg-2'), update('tg-3'), update('tg-4')])).toEqual(['tg-2', 'tg-4']);
  });

  test('is new to one process only when it reaches several at once', async () => {
    const { inbox, other } = await openInbox();
    const answers = await Promise.all([inbox, other, inbox, other].map((one) => one.keep([update('tg-1')])));
    expect(answers.flat()).toEqual(['tg-1']);
  });

  test('changes nothing of what was stored the first time, and does not prolong the lease', async () => {
    const { inbox, other, wait, document } = await openInbox();
    await inbox.keep([update('tg-1')]);
    const before = await document('tg-1');
    wait(LEASE_MS - 1);
    await other.keep([update('tg-1', 'other words')]);
    expect(await document('tg-1')).toEqual(before);
  });

  test('leaves nothing of its second body behind once it was handled', async () => {
    const { inbox, other, document } = await openInbox();
    await inbox.keep([update('tg-1')]);
    await inbox.done('tg-1');
    await other.keep([update('tg-1')]);
    expect(await document('tg-1')).not.toHaveProperty('body');
  });
});

describe('an update that was handled', () => {
  test('loses its body at once and keeps only its id, to recognise a repeat', async () => {
    const { inbox, document } = await openInbox();
    await inbox.keep([update('tg-1')]);
    expect(await document('tg-1')).toHaveProperty('body');
    await inbox.done('tg-1');
    expect(await document('tg-1')).toEqual({
      _id: 'tg-1',
      chat: expect.any(String),
      state: 'done',
      receivedAt: new Date(START),
    });
  });

  test('is handed to nobody any more', async () => {
    const { inbox, other, wait } = await openInbox();
    await inbox.keep([update('tg-1'), update('tg-2')]);
    await inbox.done('tg-1');
    wait(LEASE_MS);
    expect(ids(await other.waiting())).toEqual(['tg-2']);
  });

  test('may be reported twice, and by a process that had lost it', async () => {
    const { inbox, other, wait } = await openInbox();
    await inbox.keep([update('tg-1')]);
    wait(LEASE_MS);
    await other.waiting();
    await inbox.done('tg-1');
    await other.done('tg-1');
    wait(LEASE_MS);
    expect(await other.waiting()).toEqual([]);
  });

  test('is forgotten two days after it came', async () => {
    const { stored } = await openInbox();
    expect(await stored.indexes()).toContainEqual(
      expect.objectContaining({ key: { receivedAt: 1 }, expireAfterSeconds: 172_800 }),
    );
  });
});

describe('what is stored of an update', () => {
  test('tells neither its words nor its chat', async () => {
    const { inbox, document } = await openInbox();
    await inbox.keep([
      { id: 'tg-1', chat: '-1001234567890', body: { message: { text: 'a secret wish', from: { first_name: 'Annabella' } } } },
    ]);
    const kept = JSON.stringify(await document('tg-1'));
    for (const word of ['1001234567890', 'a secret wish', 'Annabella', 'first_name']) {
      expect(kept).not.toContain(word);
      expect(kept).not.toContain(Buffer.from(word).toString('base64url').slice(0, -2));
    }
  });

  test('does not open under another id', async () => {
    const { inbox, stored, document, wait } = await openInbox();
    await inbox.keep([update('tg-1'), update('tg-2')]);
    const { body } = await document('tg-1');
    if (!body) throw new Error('the body is not there');
    await stored.updateOne({ _id: 'tg-2' }, { $set: { body } });
    await inbox.done('tg-1');
    wait(LEASE_MS);
    await expect(inbox.waiting()).rejects.toThrow(Unreadable);
  });

  test('does not open with another master key', async () => {
    const { inbox, stored, wait } = await openInbox();
    await inbox.keep([update('tg-1')]);
    const stranger = await openApp({ now: () => START + LEASE_MS });
    const [moved] = await stored.find().toArray();
    if (!moved) throw new Error('nothing is stored');
    await stranger.connection.collection<StoredUpdateDocument>(STORED_UPDATES).insertOne(moved);
    await expect(stranger.inbox.waiting()).rejects.toThrow(Unreadable);
    wait(LEASE_MS);
    expect(ids(await inbox.waiting())).toEqual(['tg-1']);
  });
});

test('an update is not taken for stored while the database is away', async () => {
  const { inbox, close } = await openInbox();
  await inbox.keep([update('tg-1')]);
  await close();
  await expect(inbox.keep([update('tg-1'), update('tg-2')])).rejects.toThrow();
});
