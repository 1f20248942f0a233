import type { SubscriptionDocument } from '../../../models/subscription.ts';
import type { App } from '../../app.ts';
import { KeyDestroyed } from '../../keys.ts';
import { describe } from '../../log.ts';
import { keysOfPayment, payer as payerField, paymentOf } from '../../payments/payment.ts';
import type { Erasure } from './erasure.ts';
import { OVER, type Step } from './step.ts';

type Answer = Erasure['answers'][number];

/** A processor that is away holds the erasure up no longer than this: then it is noted, and an operator asks again. */
export const PATIENCE_MS = 12 * 3_600_000;

/** Asks everybody who handles data for us to stop and delete. Each answer is noted; one who is away is asked again. */
export const askProcessors: Step = async (app, erasure) => {
  if (erasure.scope !== 'account') return OVER;
  const answers: Answer[] = [];
  for (const [processor, ask] of PROCESSORS) {
    try {
      const answer = await ask(app, erasure);
      if (answer) answers.push({ processor, answer });
    } catch (error) {
      if ((erasure.startedAt?.getTime() ?? 0) + PATIENCE_MS > app.now()) throw error;
      app.log.error('a processor did not answer an erasure', { reference: erasure._id, provider: processor, ...describe(error) });
      answers.push({ processor, answer: 'did not answer, and will be asked again by hand' });
    }
  }
  return { kind: 'over', changes: { set: { answers } } };
};

/** Open payment pages are closed, the plan ends now, the customer is deleted. What is gone already is no error. */
async function askStripe(app: App, { accountIds = [] }: Erasure): Promise<string | undefined> {
  const { stripe } = app;
  const found = await app.models.payments
    .find({ accountId: { $in: accountIds }, provider: 'stripe' }, { stripe: 1, status: 1 })
    .lean();
  const customers = new Set(found.flatMap((payment) => payment.stripe?.customerId ?? []));
  const open = found.flatMap(({ status, stripe: ids }) =>
    status === 'open' || status === 'created' ? (ids?.sessionId ?? []) : [],
  );
  const plans = await plansOf(app, accountIds, 'stripe');
  if (customers.size + open.length + plans.length === 0) return undefined;
  if (!stripe) return 'is not configured any more, and will be asked by hand';
  for (const session of open) await stripe.expireSession(session);
  for (const { _id } of plans) await stripe.endSubscription(_id);
  for (const customer of customers) await stripe.deleteCustomer(customer);
  return plans.length > 0 ? 'plan ended, customer deleted' : 'customer deleted';
}

/** The plan does not renew; Telegram knows it by its first charge and by who paid. */
async function askStars(app: App, { accountIds = [] }: Erasure): Promise<string | undefined> {
  const plans = await plansOf(app, accountIds, 'telegram_stars');
  if (plans.length === 0) return undefined;
  for (const { _id: charge } of plans) {
    const user = await payerOf(app, charge);
    if (!user || !app.rails.stars) return 'could not be asked: end the plan in Telegram, Settings, My Stars';
    await app.rails.stars.cancelSubscription(user, charge, true);
  }
  return 'plan does not renew';
}

async function payerOf(app: App, charge: string): Promise<string | undefined> {
  const paid = await paymentOf(app, 'telegram_stars', charge);
  if (!paid?.payer) return undefined;
  try {
    return payerField.open(await keysOfPayment(app, paid), paid._id, paid.payer);
  } catch (error) {
    if (error instanceof KeyDestroyed) return undefined;
    throw error;
  }
}

/** Discord lets nobody but the person end a plan. */
async function askDiscord(app: App, { accountIds = [] }: Erasure): Promise<string | undefined> {
  const plans = await plansOf(app, accountIds, 'discord');
  return plans.length > 0 ? 'only you can end a plan there: User Settings, Subscriptions' : undefined;
}

const PROCESSORS: readonly (readonly [name: string, ask: (app: App, erasure: Erasure) => Promise<string | undefined>])[] = [
  ['Stripe', askStripe],
  ['Telegram Stars', askStars],
  ['Discord', askDiscord],
];

const plansOf = (app: App, accountIds: readonly string[], provider: SubscriptionDocument['provider']) =>
  app.models.subscriptions.find({ accountId: { $in: accountIds }, status: { $ne: 'ended' }, provider }).lean();
