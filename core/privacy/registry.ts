import { accounts, departures, keys, linkCodes } from './registry/account.ts';
import { creditAccounts, ledgerEntries } from './registry/credits.ts';
import { galleryItems, generations } from './registry/generations.ts';
import { logs } from './registry/logs.ts';
import { broadcasts, newsSent, policyNotices } from './registry/news.ts';
import { deploymentKeys, menus, reconciliations, storedUpdates, usageCounts, walks } from './registry/operation.ts';
import { payments, processedEvents, subscriptions } from './registry/payments.ts';
import { files, objects, redis } from './registry/places.ts';
import { processors } from './registry/processors.ts';
import { archives, consents, downloads, erasures, privacyEvents } from './registry/rights.ts';
import type { Registry } from './registry-types.ts';

/**
 * Everything that is stored, logged or handed to others: what it is, why, for how long, and what a person can do about it. It drives the
 * export, the erasure, the retention sweeper, the screen, the policy's table and `docs/privacy.md`; a test compares it with the schemas.
 */
export const REGISTRY: Registry = {
  collections: {
    ...{ accounts, linkCodes, generations, galleryItems, creditAccounts, ledgerEntries, payments, subscriptions },
    ...{ consents, policyNotices, newsSent, privacyEvents, archives, downloads, erasures, storedUpdates, keys },
    ...{ departures, processedEvents, broadcasts, usageCounts, menus, reconciliations, walks, deploymentKeys },
  },
  redis,
  objects,
  files,
  logs,
  logDays: 14,
  processors,
};
