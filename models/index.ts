import type { Connection, IndexDefinition } from 'mongoose';
import { accounts } from './account.ts';
import { archives } from './archive.ts';
import { broadcasts } from './broadcast.ts';
import { consents } from './consent.ts';
import { creditAccounts } from './credit-account.ts';
import { departures } from './departure.ts';
import { deploymentKeys } from './deployment-key.ts';
import { downloads } from './download.ts';
import { erasures } from './erasure.ts';
import { galleryItems } from './gallery-item.ts';
import { generations } from './generation.ts';
import { keys } from './key.ts';
import { ledgerEntries } from './ledger-entry.ts';
import { linkCodes } from './link-code.ts';
import { menus } from './menu.ts';
import { newsSent } from './news-sent.ts';
import { payments } from './payment.ts';
import { policyNotices } from './policy-notice.ts';
import { privacyEvents } from './privacy-event.ts';
import { processedEvents } from './processed-event.ts';
import { reconciliations } from './reconciliation.ts';
import { storedUpdates } from './stored-update.ts';
import { subscriptions } from './subscription.ts';
import { usageCounts } from './usage-count.ts';
import { walks } from './walk.ts';

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
  archives: archives(connection),
  broadcasts: broadcasts(connection),
  consents: consents(connection),
  departures: departures(connection),
  deploymentKeys: deploymentKeys(connection),
  downloads: downloads(connection),
  erasures: erasures(connection),
  galleryItems: galleryItems(connection),
  newsSent: newsSent(connection),
  policyNotices: policyNotices(connection),
  privacyEvents: privacyEvents(connection),
  usageCounts: usageCounts(connection),
  walks: walks(connection),
});

export type Models = ReturnType<typeof modelsOf>;

/** Creates the collections and indexes that are missing: inside a transaction they would compete for locks. A missing unique one fails the start. */
export async function prepareModels(models: Partial<Models>): Promise<void> {
  await Promise.all(Object.values(models).map(prepareModel));
}

async function prepareModel(model: Models[keyof Models]): Promise<void> {
  const wanted = model.schema
    .indexes()
    .map(([fields, options]) => ({ ...options, unique: Boolean(options.unique), key: directionsOf(fields) }));
  // A collection comes into being with its first index, and all of them are one command.
  if (wanted.length === 0) await model.createCollection();
  else await model.collection.createIndexes(wanted);
  const present = await model.collection.indexes();
  for (const { key, unique } of wanted) {
    const fields = JSON.stringify(Object.fromEntries(key));
    const found = present.some((index) => JSON.stringify(index.key) === fields && (!unique || index.unique));
    if (!found) throw new Error(`index ${[...key.keys()].join(' + ')} of ${model.collection.name} is missing`);
  }
}

const directionsOf = (fields: IndexDefinition): Map<string, number> =>
  new Map(Object.entries(fields).map(([field, direction]) => [field, Number(direction)]));
