import { createHash } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { z } from 'zod';
import { PAYMENTS, type PaymentDocument, type PaymentProvider } from '../../models/payment.ts';
import type { App } from '../app.ts';
import type { Place } from '../chat.ts';
import { placeSchema } from '../generations/sealed.ts';
import type { AccountKeys, Sealed } from '../keys.ts';

export type {
  PaymentDocument as Payment,
  PaymentKind,
  PaymentProvider,
  PaymentStatus,
  Reversal,
} from '../../models/payment.ts';
export { isWalletOf, walletOf } from '../wallet/wallet.ts';

/** Tidy looks after a payment again so many milliseconds after somebody should have been told. */
const TELL_AGAIN_MS = 10_000;

const field = <Value>(path: keyof PaymentDocument, schema: z.ZodType<Value>) => ({
  seal: (keys: AccountKeys, id: string, value: Value): Sealed =>
    keys.seal({ collection: PAYMENTS, id, path }, JSON.stringify(value)),
  open: (keys: AccountKeys, id: string, sealed: string): Value =>
    schema.parse(JSON.parse(keys.unseal({ collection: PAYMENTS, id, path }, sealed))),
});

/** The sealed fields of a payment, each bound to its document. */
export const place = field<Place>('place', placeSchema);
export const payer = field('payer', z.string());

export const paymentsOf = (app: App) => app.connection.collection<PaymentDocument>(PAYMENTS);

export async function readPayment(app: App, id: string): Promise<PaymentDocument | undefined> {
  return (await app.models.payments.findById(id).lean()) ?? undefined;
}

/** The payment of this money: session, invoice, Stars charge, entitlement. */
export async function paymentOf(app: App, provider: PaymentProvider, ext: string): Promise<PaymentDocument | undefined> {
  return (await app.models.payments.findOne({ provider, ext }).lean()) ?? undefined;
}

/** The key of the account that a payment belongs to; throws when it was destroyed. */
export async function keysOfPayment(app: App, { keyId }: Pick<PaymentDocument, 'keyId'>): Promise<AccountKeys> {
  return app.keys.open((await app.models.keys.findById(keyId).lean()) ?? undefined);
}

/** The id of the document for money that has no order of its own: always the same for the same money. */
export const paymentIdOf = (provider: PaymentProvider, ext: string): string =>
  createHash('sha256').update(`${provider} ${ext}`).digest('base64url').slice(0, 32);

export interface PaymentChanges {
  set?: Partial<PaymentDocument>;
  unset?: readonly (keyof PaymentDocument)[];
}

/** Changes a payment if it still is what it was when this was decided. Undefined: somebody else was faster. */
export async function changePayment(
  app: App,
  { _id, rev }: Pick<PaymentDocument, '_id' | 'rev'>,
  { set = {}, unset = [] }: PaymentChanges,
  session?: ClientSession,
): Promise<PaymentDocument | undefined> {
  const update = {
    $set: { ...set },
    $inc: { rev: 1 },
    ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((name) => [name, 1])) }),
  };
  const options = { returnDocument: 'after', ...(session && { session }) } as const;
  return (await app.models.payments.findOneAndUpdate({ _id, rev }, update, options).lean()) ?? undefined;
}

/** What must be set so that the person is told, and told again when that got lost. */
export const telling = (app: App, tell: string) => ({ tell, tellTries: 0, dueAt: new Date(app.now() + TELL_AGAIN_MS) });

/** The person was told of the payment as it was then. What became known meanwhile, another refund for one, stays to be told. */
export async function told(app: App, then: Pick<PaymentDocument, '_id' | 'tell' | 'reversals'>): Promise<void> {
  const payment = await readPayment(app, then._id);
  if (!payment || payment.tell !== then.tell || payment.reversals.length !== then.reversals.length) return;
  const dueAt = nextLook(app, payment);
  await changePayment(app, payment, { ...(dueAt && { set: { dueAt } }), unset: dueAt ? ['tell'] : ['tell', 'dueAt'] });
}

/** How long an order can be paid, in milliseconds. */
export const ORDER_LIFE_MS = 7 * 86_400_000;
/** A delayed payment is asked for once a day. */
const DELAYED_LOOK_MS = 86_400_000;
const SESSION_LOOK_MS = 60_000;

/** When somebody should look what became of a payment that is not settled; undefined when nothing is left to do. */
export function nextLook(app: App, { status, createdAt, stripe }: PaymentDocument): Date | undefined {
  const expiry = createdAt.getTime() + ORDER_LIFE_MS;
  if (status === 'processing') return new Date(app.now() + DELAYED_LOOK_MS);
  if (status !== 'created' && status !== 'open') return undefined;
  const session = stripe?.urlExpiresAt ? stripe.urlExpiresAt.getTime() + SESSION_LOOK_MS : expiry;
  return new Date(session > app.now() ? Math.min(session, expiry) : expiry);
}
