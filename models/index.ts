import type { Connection } from 'mongoose';
import { accounts } from './account.ts';
import { creditAccounts } from './credit-account.ts';
import { generations } from './generation.ts';
import { keys } from './key.ts';
import { ledgerEntries } from './ledger-entry.ts';
import { linkCodes } from './link-code.ts';
import { menus } from './menu.ts';
import { payments } from './payment.ts';
import { processedEvents } from './processed-event.ts';
import { reconciliations } from './reconciliation.ts';
import { storedUpdates } from './stored-update.ts';
import { subscriptions } from './subscription.ts';

/** Every collection there is. */
export const modelsOf = (connection: Connection) => ({
  accounts: accounts(connection),
  keys: keys(connection),
  creditAccounts: creditAccounts(connection),
  ledgerEntries: ledgerEntries(connection),
  generations: generations(connection),
  storedUpdates: storedUpdates(connection),
  linkCodes: linkCodes(connection),
  menus: menus(connection),
  payments: payments(connection),
  subscriptions: subscriptions(connection),
  processedEvents: processedEvents(connection),
  reconciliations: reconciliations(connection),
});

export type Models = ReturnType<typeof modelsOf>;

/** Creates the collections and indexes that are missing: inside a transaction they would compete for locks. A missing unique one fails the start. */
export async function prepareModels(models: Models): Promise<void> {
  for (const model of Object.values(models)) {
    await model.createCollection();
    await model.createIndexes();
    const present = await model.collection.indexes();
    for (const [fields, options] of model.schema.indexes()) {
      const found = present.some(
        (index) => JSON.stringify(index.key) === JSON.stringify(fields) && (!options.unique || index.unique),
      );
      if (!found) throw new Error(`index ${Object.keys(fields).join(' + ')} of ${model.collection.name} is missing`);
    }
  }
}
