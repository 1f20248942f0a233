import type { GenerationDocument } from '../../models/generation.ts';
import type { Account } from '../accounts.ts';
import type { App } from '../app.ts';
import type { Video } from '../chat.ts';
import type { AccountKeys } from '../keys.ts';
import { accountsTogether } from '../wallet/wallet.ts';
import { getMedia } from './objects.ts';
import { uploadedAs } from './sealed.ts';
import { isOneOf, WATCHABLE_STATES } from './states.ts';

/** A generation by its id alone: for workers, which act for nobody. */
export async function readGeneration(app: App, id: string): Promise<GenerationDocument | undefined> {
  return (await app.models.generations.findById(id).lean()) ?? undefined;
}

/** Which of these ids are generations. */
export async function knownGenerations(app: App, ids: readonly string[]): Promise<Set<string>> {
  const found = await app.models.generations.find({ _id: { $in: ids } }, { _id: 1 }).lean();
  return new Set(found.map(({ _id }) => _id));
}

/** A generation of this account or the one that shares its wallet; somebody else's is as good as none. */
export async function ownGeneration(app: App, accountId: string, id: string): Promise<GenerationDocument | undefined> {
  const own = await app.models.generations.findOne({ _id: id, accountId }).lean();
  if (own) return own;
  const together = await accountsTogether(app, accountId);
  if (together.length < 2) return undefined;
  return (await app.models.generations.findOne({ _id: id, accountId: { $in: together } }).lean()) ?? undefined;
}

/** The credit account that pays for a generation. */
export const payerOf = ({ wallet, accountId }: Pick<GenerationDocument, 'wallet' | 'accountId'>): string => wallet ?? accountId;

/** The account's key; throws when it was destroyed. */
export async function keysOf(app: App, { keyId }: Pick<GenerationDocument, 'keyId'>): Promise<AccountKeys> {
  return app.keys.open((await app.models.keys.findById(keyId).lean()) ?? undefined);
}

/** The key that a generation of the person's opens with: each of two accounts that share a wallet has its own. */
export async function keysFor(
  app: App,
  { keyId, keys }: Pick<Account, 'keyId' | 'keys'>,
  generation: Pick<GenerationDocument, 'keyId'>,
): Promise<AccountKeys> {
  return generation.keyId === keyId ? keys : keysOf(app, generation);
}

/** Whether it has a video that is still there. */
export const isWatchable = ({ state, video, removed }: Pick<GenerationDocument, 'state' | 'video' | 'removed'>): boolean =>
  video !== undefined && !removed?.video && isOneOf(state, WATCHABLE_STATES);

/** The video as a chat can show it, unless it was removed; its bytes are fetched and decrypted only when they are needed. */
export function videoOf(app: App, keys: AccountKeys, generation: GenerationDocument): Video | undefined {
  const { _id: id, video, uploadedAs: sealed } = generation;
  if (!video || !isWatchable(generation)) return undefined;
  return {
    name: `lpm-ai-${generation.seed.toString(36)}.mp4`,
    ...video,
    ...(sealed && { uploadedAs: uploadedAs.open(keys, id, sealed) }),
    read: async () => ({
      video: await getMedia(app, keys, 'video', id),
      poster: await getMedia(app, keys, 'poster', id),
    }),
  };
}
