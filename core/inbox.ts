import type { Connection } from 'mongoose';
import { STORED_UPDATES, type StoredUpdateDocument, storedUpdates as storedUpdatesOf } from '../models/stored-update.ts';
import type { Keys } from './keys.ts';

/** Telegram updates that were confirmed to Telegram and are not handled yet. Their bodies are stored sealed. */
export interface Inbox {
  /** Stores what is new; resolves with the ids that were not known before. */
  keep(updates: { id: string; chat: string; body: unknown }[]): Promise<string[]>;
  /** What another process took and did not finish in half a minute, oldest first. It is this one's now. */
  waiting(): Promise<{ id: string; chat: string; body: unknown }[]>;
  /** Handled: the body is erased at once, the id stays for two days to recognise a repeat. */
  done(id: string): Promise<void>;
}

const PAGE = 100;
/** So long a process may work on an update before another one takes it over. */
const LEASE_MS = 30_000;
const DUPLICATE_KEY = 11_000;
const at = (id: string) => ({ collection: STORED_UPDATES, id, path: 'body' });

export function createInbox({ connection, keys, now }: { connection: Connection; keys: Keys; now: () => number }): Inbox {
  const storedUpdates = storedUpdatesOf(connection);
  return {
    async keep(updates) {
      const documents = updates.map(({ id, chat, body }) => ({
        _id: id,
        chat: keys.blindIndex('chat', chat),
        body: keys.sealDeployment(at(id), JSON.stringify(body)),
        state: 'waiting' as const,
        receivedAt: new Date(now()),
        dueAt: new Date(now() + LEASE_MS),
      }));
      const known = new Set<string>();
      try {
        await connection.collection<StoredUpdateDocument>(STORED_UPDATES).insertMany(documents, { ordered: false });
      } catch (error) {
        for (const id of duplicatesIn(error)) known.add(id);
      }
      return documents.map(({ _id }) => _id).filter((id) => !known.has(id));
    },

    async waiting() {
      const left: { id: string; chat: string; body: unknown }[] = [];
      while (left.length < PAGE) {
        const due = { dueAt: { $lte: new Date(now()) } };
        const taken = await storedUpdates
          .findOneAndUpdate(due, { $set: { dueAt: new Date(now() + LEASE_MS) } }, { sort: { dueAt: 1 } })
          .lean();
        if (!taken?.body) break;
        const { _id: id, chat, body } = taken;
        left.push({ id, chat, body: JSON.parse(keys.unsealDeployment(at(id), body)) as unknown });
      }
      return left;
    },

    async done(id) {
      await storedUpdates.updateOne({ _id: id }, { $set: { state: 'done' }, $unset: { body: 1, dueAt: 1 } });
    },
  };
}

/** The ids that were there already. Anything but duplicates is an outage and is thrown on. */
function duplicatesIn(error: unknown): string[] {
  const writeErrors = (error as { writeErrors?: { code: number; err?: { op?: { _id?: string } } }[] }).writeErrors ?? [];
  const ids = writeErrors.map(({ code, err }) => (code === DUPLICATE_KEY ? err?.op?._id : undefined));
  if (ids.length === 0 || ids.includes(undefined)) throw error;
  return ids.filter((id) => id !== undefined);
}
