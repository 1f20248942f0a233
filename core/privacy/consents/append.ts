import type { ClientSession } from 'mongoose';
import { ACCOUNTS, type AccountDocument } from '../../../models/account.ts';
import { CONSENTS, type ConsentDocument } from '../../../models/consent.ts';
import { GALLERY_ITEMS, type GalleryItemDocument } from '../../../models/gallery-item.ts';
import { WITHDRAWAL_WORDS } from '../../texts/consents.ts';
import { inTransaction, isDuplicateKey, pauseBeforeRetry } from '../../transaction.ts';
import type { ConsentAct, ConsentApp } from '../consents.ts';
import { policyAt } from '../policies.ts';
import { hashOf, hashOfRow, standing } from './chain.ts';

type Said = Pick<ConsentDocument, 'purpose' | 'act' | 'text'> & { subject?: string | undefined };
type Act = Omit<ConsentAct, 'purpose' | 'subject'>;

/** A grant, unless the same one holds already. Undefined: the account is not active (any more). */
export const appendGrant = (app: ConsentApp, act: ConsentAct & { text: string }): Promise<ConsentDocument | undefined> =>
  inTurn(() =>
    inTransaction(app.connection, async (session) => {
      const { account, purpose, subject, text } = act;
      if (!(await guard(app, act, ['active'], session))) return undefined;
      const rows = await rowsOf(app, account.id, session);
      const held = standing(rows).find((row) => row.purpose === purpose && row.subject === subject);
      if (held?.act === 'grant' && held.text === text) return held;
      return append(app, act, { purpose, subject, act: 'grant', text }, rows.at(-1), session);
    }),
  );

/** Withdraws all that holds and is `meant`, together with what stands in the gallery because of it. */
export async function appendWithdrawals(app: ConsentApp, act: Act, meant: (row: ConsentDocument) => boolean): Promise<void> {
  // While an account is being erased nothing is written for it but by the erasure itself; nothing is proved for it either.
  const states: readonly AccountDocument['status'][] =
    act.channel === 'erasure' ? ['active', 'leaving', 'erasing'] : ['active', 'leaving'];
  const heldOf = (rows: readonly ConsentDocument[]) => standing(rows).filter((row) => row.act === 'grant' && meant(row));
  if (heldOf(await rowsOf(app, act.account.id)).length === 0) return;
  await inTurn(() =>
    inTransaction(app.connection, async (session) => {
      if (!(await guard(app, act, states, session))) return;
      const rows = await rowsOf(app, act.account.id, session);
      let last = rows.at(-1);
      for (const { purpose, subject } of heldOf(rows)) {
        last = await append(app, act, { purpose, subject, act: 'withdraw', text: WITHDRAWAL_WORDS }, last, session);
        if (purpose === 'gallery' && subject !== undefined) await hide(app, act.account.id, subject, session);
      }
    }),
  );
}

/** The whole chain of an account, in its order. */
const rowsOf = ({ connection }: ConsentApp, accountId: string, session?: ClientSession): Promise<ConsentDocument[]> =>
  connection
    .collection<ConsentDocument>(CONSENTS)
    .find({ accountId }, session && { session })
    .sort({ seq: 1 })
    .toArray();

/**
 * Whether the account may be written for. It writes to the account itself, so that of this transaction and one that freezes the account one
 * fails; a read alone would let both through.
 */
async function guard(
  { connection }: ConsentApp,
  { account, at }: Act,
  states: readonly AccountDocument['status'][],
  session: ClientSession,
): Promise<boolean> {
  const accounts = connection.collection<AccountDocument>(ACCOUNTS);
  const filter = { _id: account.id, status: { $in: [...states] } };
  // Later by a millisecond at least, so that it is a change in any case.
  const seenAt = { $max: [new Date(at), { $add: ['$seenAt', 1] }] };
  const { matchedCount } = await accounts.updateOne(filter, [{ $set: { seenAt } }], { session });
  return matchedCount === 1;
}

async function append(
  app: ConsentApp,
  act: Act,
  said: Said,
  last: ConsentDocument | undefined,
  session: ClientSession,
): Promise<ConsentDocument> {
  const { account, channel, language, at } = act;
  const seq = (last?.seq ?? 0) + 1;
  const { subject, ...rest } = said;
  const row = {
    _id: `${account.id}#${seq}`,
    accountId: account.id,
    seq,
    ...rest,
    ...(subject !== undefined && { subject }),
    textHash: hashOf(said.text),
    policyVersion: policyAt(app.policies, at).version,
    language,
    channel,
    at,
    previous: last?.hash ?? '',
  };
  const whole = { ...row, hash: hashOfRow(row) };
  await app.connection.collection<ConsentDocument>(CONSENTS).insertOne(whole, { session });
  return whole;
}

async function hide({ connection, now }: ConsentApp, accountId: string, generation: string, session: ClientSession) {
  const items = connection.collection<GalleryItemDocument>(GALLERY_ITEMS);
  const filter = { generation, accountId, state: { $in: ['copying' as const, 'shown' as const] } };
  await items.updateOne(filter, { $set: { state: 'leaving', dueAt: new Date(now()) } }, { session });
}

const MOST_ATTEMPTS = 50;

/** Again when somebody else has written the row of this number in the same moment. */
async function inTurn<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (!isDuplicateKey(error) || attempt >= MOST_ATTEMPTS) throw error;
      await pauseBeforeRetry(attempt);
    }
  }
}
