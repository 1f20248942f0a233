import { setTimeout as wait } from 'node:timers/promises';
import type { App } from '../../core/app.ts';
import type { ConsentProof } from '../../core/privacy/consents.ts';
import { ACCOUNTS } from '../../models/account.ts';
import { CONSENTS } from '../../models/consent.ts';
import { GALLERY_ITEMS, type GalleryItemDocument } from '../../models/gallery-item.ts';
import { override } from '../faults.ts';
import { type Acts, PRODUCT } from './acts.ts';

export interface Mutant {
  name: string;
  /** A new one for each run. */
  acts(): Acts;
}

/** The product's functions that read consents, on a database that tells them something else. */
function reading(lie: (app: App) => App): Acts {
  return {
    ...PRODUCT,
    proveNews: (app, person) => PRODUCT.proveNews(lie(app), person),
    send: (app, proof, id, effect) => PRODUCT.send(lie(app), proof, id, effect),
    publish: (app, person) => PRODUCT.publish(lie(app), person),
    look: (app, slug) => PRODUCT.look(lie(app), slug),
  };
}

/** The same app, on which `findOne` of one collection is another. */
function withFindOne(app: App, name: string, change: (filter: object) => object): App {
  const collection = (asked: string) => {
    const original = app.connection.collection(asked);
    if (asked !== name) return original;
    return override(original, { findOne: (filter: object, options?: object) => original.findOne(change(filter), options) });
  };
  return { ...app, connection: override(app.connection, { collection }) };
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a proof that overlooks withdrawals',
    acts: () => reading((app) => withFindOne(app, CONSENTS, (filter) => ({ ...filter, act: 'grant' }))),
  },
  {
    name: 'a proof for an account that leaves',
    acts: () => reading((app) => withFindOne(app, ACCOUNTS, ({ ...filter }: { status?: string }) => without(filter, 'status'))),
  },
  {
    name: 'a proof from a cache',
    acts() {
      const cache = new Map<string, Promise<ConsentProof<'marketing'> | undefined>>();
      return {
        ...PRODUCT,
        async proveNews(app, person) {
          const cached = await cache.get(person.accountId);
          if (cached) return cached;
          const proof = PRODUCT.proveNews(app, person);
          cache.set(person.accountId, proof);
          return proof;
        },
        send: async (_app, _proof, _id, effect) => effect(),
      };
    },
  },
  {
    name: 'a sender that does not ask again',
    acts: () => ({ ...PRODUCT, send: async (_app, _proof, _id, effect) => effect() }),
  },
  {
    name: 'a withdrawal that is answered before it is written',
    acts() {
      const writing = new Set<Promise<void>>();
      return {
        ...PRODUCT,
        async withdraw(app, person, about) {
          const write = wait(8).then(() => PRODUCT.withdraw(app, person, about));
          const kept = write.catch(() => {}).finally(() => writing.delete(kept));
          writing.add(kept);
        },
        settled: async () => void (await Promise.all(writing)),
      };
    },
  },
  {
    name: 'a withdrawal that is never written',
    acts: () => ({ ...PRODUCT, withdraw: async () => {} }),
  },
  {
    name: 'a gallery that looks at its own state alone',
    acts: () => ({
      ...PRODUCT,
      async look({ connection }, slug) {
        const items = connection.collection<GalleryItemDocument>(GALLERY_ITEMS);
        return (await items.findOne({ _id: slug, state: 'shown' })) !== null;
      },
    }),
  },
];

const without = <T extends object>(object: T, name: keyof T): object =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
