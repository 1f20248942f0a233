import type { AnyBulkWriteOperation } from 'mongoose';
import { DEPLOYMENT_KEY_NAMES, type DeploymentKeyDocument } from '../../models/deployment-key.ts';
import type { Models } from '../../models/index.ts';
import type { KeyDocument } from '../../models/key.ts';
import { placeOfDeploymentKey, VERSION_OF_DEPLOYMENT_KEYS } from './deployment.ts';
import { createMasterKeys, type Keks, type MasterKeys, placeOfKey, type Wrapped } from './master-keys.ts';
import { Unreadable } from './seal.ts';

export interface Rewrapping {
  /** How many keys this run has put under the present master key. */
  rewrapped: number;
  /** How many keys are under which other master key now. */
  left: Record<string, number>;
}

type Stored = Pick<KeyDocument, '_id' | 'state' | 'kekId' | 'wrapped' | 'version'>;

const PAGE = 500;

/**
 * Puts every stored key under the present master key. What they seal is not touched. Each changes only if it is still as it was read,
 * so this may be repeated, interrupted and run beside everything else; a destroyed key stays destroyed. A key that a process with
 * the earlier master key makes meanwhile is found by the next run.
 */
export async function rewrapKeys({ models, config }: { models: Models; config: Keks }, page = PAGE): Promise<Rewrapping> {
  const master = createMasterKeys(config);
  let rewrapped = 0;
  for await (const stored of pagesOf(models, page)) rewrapped += await rewrapPage(models, master, stored);
  // Last: until the walk has ended, a start that lacks the earlier master key is refused.
  rewrapped += await rewrapDeploymentKeys(models, master);
  return { rewrapped, left: await underOthers(models, master, page) };
}

/** The whole collection in the order of its ids, so many at a time. */
async function* pagesOf({ keys }: Models, page: number): AsyncGenerator<Stored[]> {
  let after = '';
  for (;;) {
    const stored = await keys
      .find({ _id: { $gt: after } }, { state: 1, kekId: 1, wrapped: 1, version: 1 })
      .sort({ _id: 1 })
      .limit(page)
      .lean<Stored[]>();
    const last = stored.at(-1);
    if (!last) return;
    yield stored;
    after = last._id;
  }
}

async function rewrapPage({ keys }: Models, master: MasterKeys, stored: Stored[]): Promise<number> {
  const writes = stored.flatMap((one): AnyBulkWriteOperation<KeyDocument>[] => {
    const { _id, state, version, kekId, wrapped } = one;
    if (state !== 'active' || !wrapped) return [];
    const anew = wrapAnew(master, placeOfKey(_id), version, { kekId, wrapped });
    return anew ? [{ updateOne: { filter: { _id, state, kekId, wrapped }, update: { $set: anew } } }] : [];
  });
  if (writes.length === 0) return 0;
  const { modifiedCount } = await keys.bulkWrite(writes, { ordered: false });
  return modifiedCount;
}

async function rewrapDeploymentKeys({ deploymentKeys }: Models, master: MasterKeys): Promise<number> {
  let rewrapped = 0;
  for (const { _id, kekId, wrapped } of await readDeploymentKeys(deploymentKeys)) {
    const anew = wrapAnew(master, placeOfDeploymentKey(_id), VERSION_OF_DEPLOYMENT_KEYS, { kekId, wrapped });
    if (!anew) continue;
    const { modifiedCount } = await deploymentKeys.updateOne({ _id, kekId, wrapped }, { $set: anew });
    rewrapped += modifiedCount;
  }
  return rewrapped;
}

const readDeploymentKeys = (deploymentKeys: Models['deploymentKeys']) =>
  deploymentKeys.find({ _id: { $in: [...DEPLOYMENT_KEY_NAMES] } }).lean<DeploymentKeyDocument[]>();

/** Nothing for a key that is there already, whose master key was not given, or that was changed: those are counted as left. */
function wrapAnew(master: MasterKeys, place: readonly string[], version: number, stored: Wrapped): Wrapped | undefined {
  if (stored.kekId === master.kekId || !master.has(stored.kekId)) return undefined;
  try {
    return master.wrap(place, version, master.unwrap(place, version, stored));
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** Read again from the start, since keys may have been made behind the walk. */
async function underOthers(models: Models, { kekId: present }: MasterKeys, page: number): Promise<Record<string, number>> {
  const left: Record<string, number> = {};
  const count = (kekId: string) => {
    if (kekId !== present) left[kekId] = (left[kekId] ?? 0) + 1;
  };
  for (const { kekId } of await readDeploymentKeys(models.deploymentKeys)) count(kekId);
  for await (const stored of pagesOf(models, page)) {
    for (const { state, kekId } of stored) if (state === 'active') count(kekId);
  }
  return left;
}
