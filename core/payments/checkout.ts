import type { App } from '../app.ts';
import { itemOf } from './catalog.ts';
import { payUrl } from './orders.ts';
import { changePayment, nextLook, ORDER_LIFE_MS, type Payment, readPayment, walletOf } from './payment.ts';
import { isKeyReused, isUnknown, type Stripe } from './stripe.ts';
import { landSession, stripeOf } from './stripe-land.ts';
import { activePlanOf } from './subscriptions.ts';

/** So long a payment page of Stripe's can be used. */
const SESSION_LIFE_MS = 2 * 3_600_000;
/** Stripe makes no session that ends sooner. */
const SHORTEST_LIFE_MS = 31 * 60_000;
const ATTEMPTS = 10;

/** Why an order cannot be paid now, as a code; undefined when it can. */
export type Obstacle =
  | 'paid'
  | 'processing'
  | 'failed'
  | 'expired'
  | 'reversed'
  | 'plan_active'
  | 'account_restricted'
  /** Whose it is, is about to be deleted. */
  | 'account_leaving'
  | 'not_sold';

/** Reads only: what stands in the way of paying an order by Stripe. */
export async function obstacleOf(app: App, order: Payment): Promise<Obstacle | undefined> {
  const { status, item, createdAt } = order;
  if (status === 'part_reversed') return 'reversed';
  if (status !== 'created' && status !== 'open') return status;
  if (createdAt.getTime() + ORDER_LIFE_MS <= app.now()) return 'expired';
  if (!app.stripe || !itemOf(app.catalog, item)?.stripe) return 'not_sold';
  if (!(await app.models.accounts.exists({ _id: order.accountId, status: 'active' }))) return 'account_leaving';
  const account = await app.models.creditAccounts.findById(await walletOf(app, order.accountId), { restrictions: 1 }).lean();
  if ((account?.restrictions ?? []).length > 0) return 'account_restricted';
  if (order.kind === 'plan_order' && (await activePlanOf(app, order.accountId, app.now()))) return 'plan_active';
  return undefined;
}

/**
 * The address of Stripe's page for an order: of the session it has, or of a new one where that has expired. Asking twice at once gives
 * one session. Undefined when the order cannot be paid (any more).
 */
export async function openCheckout(app: App, orderId: string): Promise<string | undefined> {
  const door = stripeOf(app);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const order = await readPayment(app, orderId);
    if (order?.provider !== 'stripe' || (await obstacleOf(app, order))) return undefined;
    const { sessionId } = order.stripe ?? {};
    if (sessionId) {
      const session = await unlessUnknown(door.session(sessionId));
      if (session?.status === 'open' && session.url) return session.url;
      if (session) await landSession(app, sessionId);
      else await startAfresh(app, order);
      continue;
    }
    const begun = await begin(app, order);
    if (!begun) continue;
    const session = await create(app, begun);
    if (!session) continue;
    const opened: Payment = {
      ...begun,
      status: 'open',
      stripe: { ...begun.stripe, sessionId: session.id, ...(session.url && { url: session.url }) },
    };
    const dueAt = nextLook(app, opened);
    const set = { status: opened.status, stripe: opened.stripe ?? {}, ...(dueAt && { dueAt }) };
    // When somebody else has changed the order meanwhile, the next look finds this very session by its key.
    if ((await changePayment(app, begun, { set })) && session.url) return session.url;
  }
  throw new Error('an order changed faster than it could be opened');
}

/** Stores which session comes next, before it is asked for: after a crash the same words under the same key give the same session. */
async function begin(app: App, order: Payment): Promise<Payment | undefined> {
  const { stripe = {} } = order;
  if (stripe.sessions && (stripe.urlExpiresAt?.getTime() ?? 0) > app.now() + SHORTEST_LIFE_MS) return order;
  const customerId =
    stripe.customerId ?? (await customerOf(app, order.accountId)) ?? (await stripeOf(app).createCustomer(order.accountId));
  const sessions = (stripe.sessions ?? 0) + 1;
  // Stripe counts in seconds.
  const urlExpiresAt = new Date(Math.floor((app.now() + SESSION_LIFE_MS) / 1000) * 1000);
  return changePayment(app, order, { set: { stripe: { ...stripe, customerId, sessions, urlExpiresAt } } });
}

async function create(app: App, order: Payment): Promise<Stripe.Checkout.Session | undefined> {
  const item = itemOf(app.catalog, order.item);
  const url = payUrl(app, order._id);
  const { customerId, sessions, urlExpiresAt } = order.stripe ?? {};
  if (!item || !url || !customerId || !sessions || !urlExpiresAt) throw new Error('an order lacks what a session needs');
  try {
    return await stripeOf(app).checkout({
      orderId: order._id,
      nth: sessions,
      item,
      customer: customerId,
      expiresAt: urlExpiresAt.getTime() / 1000,
      successUrl: `${url}/done`,
      cancelUrl: url,
      tax: app.config.STRIPE_TAX,
    });
  } catch (error) {
    // Price or address have changed since this session was begun, or Stripe has lost the customer.
    if (!isKeyReused(error) && !isUnknown(error)) throw error;
    await startAfresh(app, order, isUnknown(error) ? await stripeOf(app).createCustomer(order.accountId, order._id) : customerId);
    return undefined;
  }
}

/** The next session gets a key of its own. */
async function startAfresh(app: App, order: Payment, customerId = order.stripe?.customerId): Promise<void> {
  const { sessions } = order.stripe ?? {};
  await changePayment(app, order, { set: { stripe: { ...(sessions && { sessions }), ...(customerId && { customerId }) } } });
}

async function unlessUnknown<Found>(asked: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isUnknown(error)) return undefined;
    throw error;
  }
}

/** The Stripe customer that an account has paid as; undefined when it never did. */
export async function customerOf(app: App, accountId: string): Promise<string | undefined> {
  const found = await app.models.payments
    .findOne({ accountId, 'stripe.customerId': { $exists: true } })
    .sort({ createdAt: -1 })
    .lean();
  return found?.stripe?.customerId;
}
