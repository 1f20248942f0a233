import { createHmac, randomBytes } from 'node:crypto';
import {
  DEPLOYMENT_KEY_NAMES,
  DEPLOYMENT_KEYS,
  type DeploymentKeyDocument,
  type DeploymentKeyName,
} from '../../models/deployment-key.ts';
import type { Models } from '../../models/index.ts';
import { inTransaction, isDuplicateKey } from '../transaction.ts';
import { derive } from './derive.ts';
import { createMasterKeys, type Keks, type MasterKeys } from './master-keys.ts';
import { Unreadable } from './seal.ts';

/** Keys of the whole deployment, 32 bytes each. */
export type DeploymentKeys = Record<DeploymentKeyName, Buffer>;

/** An account and the key that its blind index names. */
interface Named {
  _id: string;
  keyId: string;
}

/** Stored deployment keys carry no version: another one would be another name. */
export const VERSION_OF_DEPLOYMENT_KEYS = 1;

/** What a deployment key is bound to. */
export const placeOfDeploymentKey = (name: DeploymentKeyName): readonly string[] => [DEPLOYMENT_KEYS, name];

/** By chance: the keys of a deployment that holds nothing yet. */
export const newDeploymentKeys = (): DeploymentKeys => allOf(() => randomBytes(32));

const allOf = (key: (name: DeploymentKeyName) => Buffer): DeploymentKeys => ({
  index: key('index'),
  inbox: key('inbox'),
  gallery: key('gallery'),
  journal: key('journal'),
  receipts: key('receipts'),
});

/** A keyed hash of `parts`, in base64url. */
export const hashWith = (indexKey: Buffer, parts: readonly string[]): string =>
  createHmac('sha256', indexKey).update(JSON.stringify(parts)).digest('base64url');

/**
 * The deployment's keys as they are stored, or made at the first start: two first starts at once end with one set.
 * Throws a sentence for the operator, and writes nothing, where they exist and cannot be opened with the given master keys.
 */
export async function openDeploymentKeys(models: Models, keks: Keks, at: Date): Promise<DeploymentKeys> {
  const master = createMasterKeys(keks);
  // Read before the keys: an account that another first start has made by now would be taken for an old one.
  const account = await models.accounts.findOne({}, { keyId: 1 }).lean<Named>();
  const stored = await readDeploymentKeys(models, master);
  if (stored) return stored;
  const made = { ...newDeploymentKeys(), ...(account && keysBefore(account, keks)) };
  const documents = DEPLOYMENT_KEY_NAMES.map((name) => wrapDeploymentKey(master, name, made[name], at));
  try {
    await inTransaction(models.deploymentKeys.db, async (session) => {
      const collection = models.deploymentKeys.db.collection<DeploymentKeyDocument>(DEPLOYMENT_KEYS);
      await collection.insertMany(documents, { session });
    });
  } catch (error) {
    // Another first start was faster: its keys are everybody's.
    if (!isDuplicateKey(error)) throw error;
  }
  const kept = await readDeploymentKeys(models, master);
  if (!kept) throw new Error('The keys that were just made are gone.');
  return kept;
}

const wrapDeploymentKey = (master: MasterKeys, name: DeploymentKeyName, plain: Buffer, at: Date): DeploymentKeyDocument => ({
  _id: name,
  ...master.wrap(placeOfDeploymentKey(name), VERSION_OF_DEPLOYMENT_KEYS, plain),
  createdAt: at,
});

async function readDeploymentKeys(models: Models, master: MasterKeys): Promise<DeploymentKeys | undefined> {
  const documents = await models.deploymentKeys.find({ _id: { $in: [...DEPLOYMENT_KEY_NAMES] } }).lean<DeploymentKeyDocument[]>();
  if (documents.length === 0) return undefined;
  const open = (name: DeploymentKeyName) => {
    const document = documents.find(({ _id }) => _id === name);
    if (!document) throw new Error(`The deployment's key "${name}" is missing. ${RESTORE}`);
    return openDeploymentKey(master, document);
  };
  return allOf(open);
}

const RESTORE = 'Restore the collection deploymentkeys from its backup (docs/operations.md). Nothing was changed.';

/** Throws MasterKeyMissing, or a sentence when the document was changed. */
function openDeploymentKey(master: MasterKeys, document: DeploymentKeyDocument): Buffer {
  try {
    return master.unwrap(placeOfDeploymentKey(document._id), VERSION_OF_DEPLOYMENT_KEYS, document);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new Error(`The deployment's key "${document._id}" was changed and does not open. ${RESTORE}`);
  }
}

/**
 * Index and inbox of a database with accounts that is older than stored deployment keys: they came from the master key. An account's
 * key is named by the index key, which proves that they are the right ones.
 */
function keysBefore(account: Named, { kek, oldKeks = [] }: Keks): Pick<DeploymentKeys, 'index' | 'inbox'> {
  for (const candidate of [kek, ...oldKeks]) {
    const index = derive(candidate, 'index');
    if (hashWith(index, ['key', account._id]) === account.keyId) return { index, inbox: derive(candidate, 'inbox') };
  }
  throw new Error(
    `There are accounts and no deployment keys, and the accounts were not made with master key ${createMasterKeys({ kek }).kekId}. ` +
      `Set the MASTER_KEY they were made with. If the collection deploymentkeys was lost: ${RESTORE}`,
  );
}
