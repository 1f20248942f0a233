import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { ACCOUNTS, type AccountDocument } from '../models/account.ts';
import { CREDIT_ACCOUNTS } from '../models/credit-account.ts';
import { GENERATIONS, type GenerationDocument } from '../models/generation.ts';
import { KEYS, type KeyDocument } from '../models/key.ts';
import type { App } from './app.ts';
import type { Request } from './chat.ts';
import { applyCredits } from './credits/account.ts';
import { emptyAccount } from './credits/ledger.ts';
import type { CreditAccount } from './credits/types.ts';
import { UserError } from './errors.ts';
import { OPEN_STATES } from './generations/states.ts';
import { type AccountKeys, KeyDestroyed } from './keys.ts';
import { describe } from './log.ts';
import { policyAt } from './privacy/policies.ts';
import { inTransaction, isDuplicateKey } from './transaction.ts';
import { finishJoining } from './wallet/join.ts';

/** A person as the commands see them: who, what they set, what they own, and what is known of this very request. */
export interface Account {
  id: string;
  /** The id of the credit account that every operation of this person is about: the account's own, or the one that it shares. */
  wallet: string;
  /** The person's account on the other platform, when both share one wallet. */
  partner?: string;
  keyId: string;
  /** `leaving`: it will be deleted unless the person changes their mind, by `erasure`. */
  status: 'active' | 'leaving';
  erasure?: string;
  settings: AccountDocument['settings'];
  /** What was corrected or told at sign-up, opened by whoever shows it. */
  about: Pick<AccountDocument, 'identities' | 'name' | 'mail' | 'mailProof' | 'language' | 'policy' | 'home' | 'createdAt'>;
  keys: AccountKeys;
  /** As read with the account: a change decided on it holds only if nothing else changed it meanwhile. */
  credits: CreditAccount;
  /** The generation that this request has made before, when it arrived more than once. */
  earlier?: GenerationDocument;
  /** Generations of everybody that are not finished, counted up to 500. */
  ahead: number;
}

interface Opened extends AccountDocument {
  wallet: string;
  key: KeyDocument[];
  credits: CreditAccount[];
  earlier: GenerationDocument[];
  line: { count: number }[];
}

const COUNT_LIMIT = 500;

/** Finds the person behind a request, or makes their account with the welcome credits. One database command for a known person. */
export async function openAccount(app: App, request: Request): Promise<Account> {
  const { platform, user } = request.place;
  const hash = app.keys.blindIndex('identity', platform, user);
  const known = await read(app, hash, request);
  if (known) return known;
  try {
    await signUp(app, request, hash);
  } catch (error) {
    // Two first messages at once: the other one has made the account.
    if (!isDuplicateKey(error)) throw error;
  }
  const made = await read(app, hash, request);
  if (!made) throw new Error('the account that was just made is gone');
  return made;
}

async function read(app: App, hash: string, request: Request): Promise<Account | undefined> {
  const { id: requestId, at } = request;
  const [found] = await app.models.accounts.aggregate<Opened>([
    { $match: { 'identities.hash': hash } },
    { $set: { wallet: { $ifNull: ['$wallet', '$_id'] }, requestId, openStates: OPEN_STATES } },
    { $lookup: { from: KEYS, localField: 'keyId', foreignField: '_id', as: 'key' } },
    { $lookup: { from: CREDIT_ACCOUNTS, localField: 'wallet', foreignField: '_id', as: 'credits' } },
    // Joined by fields, which every server looks up in its indexes; a $match in here may read all there ever was.
    { $lookup: { from: GENERATIONS, localField: 'requestId', foreignField: '_id', as: 'earlier' } },
    {
      $lookup: {
        from: GENERATIONS,
        localField: 'openStates',
        foreignField: 'state',
        pipeline: [{ $limit: COUNT_LIMIT }, { $group: { _id: null, count: { $sum: 1 } } }],
        as: 'line',
      },
    },
  ]);
  if (!found) return undefined;
  if (found.joining) {
    await finishJoining(app, found.joining);
    return read(app, hash, request);
  }
  if (found.status === 'erasing') throw new KeyDestroyed();
  noteSeen(app, found, at);
  const { wallet, partner, status, leaving } = found;
  const { identities, name, mail, mailProof, language, policy, home, createdAt } = found;
  const [earlier] = found.earlier;
  if (earlier && earlier.accountId !== found._id) throw notYours();
  return {
    id: found._id,
    wallet,
    ...(partner && { partner }),
    keyId: found.keyId,
    status,
    ...(leaving && { erasure: leaving }),
    settings: found.settings,
    about: {
      identities,
      createdAt,
      ...(name && { name }),
      ...(mail && { mail }),
      ...(mailProof && { mailProof }),
      ...(language && { language }),
      ...(policy && { policy }),
      ...(home && { home }),
    },
    keys: app.keys.open(found.key[0]),
    credits: found.credits[0] ?? emptyAccount(wallet),
    ...(earlier && { earlier }),
    ahead: found.line[0]?.count ?? 0,
  };
}

/** Ids of requests are the platform's, and Telegram's may begin anew: what stands under an id that came before is somebody else's. */
const notYours = (): UserError =>
  new UserError(
    'request_known',
    'I could not tell your message from an older one. Please send it once more. Nothing was charged.',
  );

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Writes down, once a day, that the account is used; whoever asked does not wait for it. Lost, it is written with the next request. */
function noteSeen(app: App, { _id, seenAt }: AccountDocument, at: number): void {
  if (seenAt && dayOf(seenAt.getTime()) >= dayOf(at)) return;
  app.models.accounts
    .updateOne({ _id, status: { $ne: 'erasing' } }, { $max: { seenAt: new Date(at) }, $unset: { remindedAt: 1, unusedUntil: 1 } })
    .catch((error: unknown) => app.log.warn('an account could not be marked as used', describe(error)));
}

/** The keyed hash that says, for a while, that somebody who has left had their welcome credits. */
export const departureOf = (app: App, { platform, user }: Pick<Request['place'], 'platform' | 'user'>): string =>
  app.keys.blindIndex('departure', app.keys.blindIndex('identity', platform, user));

/** Account, its key and its welcome credits come into being together or not at all. */
async function signUp(app: App, { place, person, at }: Request, hash: string): Promise<void> {
  const id = randomUUID();
  const key = app.keys.newDataKey(id, new Date(at));
  const keys = app.keys.open(key);
  const account: AccountDocument = {
    _id: id,
    identities: [{ platform: place.platform, hash }],
    keyId: key._id,
    status: 'active',
    wallet: id,
    ...(person.name && { name: keys.seal({ collection: 'accounts', id, path: 'name' }, person.name) }),
    ...(person.language && { language: person.language.slice(0, 16) }),
    settings: {},
    ...(place.platform === 'telegram' && { home: keys.seal({ collection: 'accounts', id, path: 'home' }, place.user) }),
    policy: { version: policyAt(app.policies, at).version, at: new Date(at) },
    seenAt: new Date(at),
    createdAt: new Date(at),
  };
  const { connection } = app;
  const alongside = async (session: ClientSession) => {
    await connection.collection<KeyDocument>(KEYS).insertOne(key, { session });
    await connection.collection<AccountDocument>(ACCOUNTS).insertOne(account, { session });
  };
  const hasHadWelcome = await app.models.departures.exists({ _id: departureOf(app, place) });
  const amount = hasHadWelcome ? 0 : app.config.WELCOME_CREDITS;
  if (amount === 0) return inTransaction(connection, alongside);
  const op = { key: 'grant:promo:welcome', type: 'grant', lotId: `welcome:${id}`, kind: 'promo', amount } as const;
  await applyCredits({ connection, accountId: id, op, at, snapshot: emptyAccount(id), alongside });
}

/** Changes what the person's next videos look like when they do not say. */
export async function changeSettings(
  app: App,
  account: Account,
  changes: AccountDocument['settings'],
): Promise<AccountDocument['settings']> {
  const settings = { ...account.settings, ...changes };
  await app.models.accounts.updateOne({ _id: account.id }, { $set: { settings } });
  return settings;
}
