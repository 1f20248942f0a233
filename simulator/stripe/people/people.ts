import type Stripe from 'stripe';
import { idOf, type World } from '../world.ts';
import { completeDelayed, failDelayed } from './delayed.ts';
import { collect, type Outcome, paymentOf } from './invoices.ts';
import { completeRefund, type DisputeCase, type DisputeOptions, dispute, failRefund, fraudWarning, refund } from './reversals.ts';
import { expire, expireDue, type Payment, pay } from './sessions.ts';
import { cancelAtPeriodEnd, changePlan, end, livingSubscription, type PlanChange, renew } from './subscriptions.ts';

/**
 * What people, banks and time do, as opposed to what the product asks for. Everything throws for ids that do not exist. Where an
 * id of money is wanted, a charge, a payment intent, an invoice or a session will do.
 */
export interface People {
  /** Pays a session, with a promotion code where there is one; `declined` leaves it open. */
  pay(session: string, how: Payment, promotionCode?: string): void;
  /** The bank's money arrives after days. */
  completeDelayed(session: string): void;
  failDelayed(session: string): void;
  expire(session: string): void;
  /** The next period begins with its invoice, or a subscription that was cancelled ends. The new invoice, where there is one. */
  renew(subscription: string, outcome?: Outcome): Stripe.Invoice | undefined;
  /** Another attempt at an invoice that is a draft or open. */
  collect(invoice: string, outcome: Outcome): void;
  /** The invoice that comes of it at once, where one does. */
  changePlan(subscription: string, price: string, change?: PlanChange): Stripe.Invoice | undefined;
  /** At the end of the period, or now. */
  cancel(subscription: string, when?: 'period_end' | 'now'): void;
  /** The seller gives money back in Stripe's own dashboard. */
  refund(money: string, amount?: number): Stripe.Refund;
  completeRefund(refund: string): void;
  failRefund(refund: string): void;
  dispute(money: string, options?: DisputeOptions): DisputeCase;
  fraudWarning(money: string, actionable?: boolean): Stripe.Radar.EarlyFraudWarning;
}

export function createPeople(world: World): People {
  const invoiceOf = (id: string): Stripe.Invoice => {
    const invoice = world.invoices.get(id);
    if (!invoice) throw new Error(`there is no invoice ${id}`);
    return invoice;
  };
  const settled = <Result>(act: () => Result): Result => {
    expireDue(world);
    return act();
  };
  const charged = (id: string) => chargeOf(world, id);
  return {
    pay: (session, how, code) => settled(() => pay(world, session, how, code)),
    completeDelayed: (session) => completeDelayed(world, session),
    failDelayed: (session) => failDelayed(world, session),
    expire: (session) => expire(world, session),
    renew: (subscription, outcome) => renew(world, subscription, outcome),
    collect: (invoice, outcome) => collect(world, invoiceOf(invoice), outcome),
    changePlan(subscription, id, change) {
      const price = world.prices.get(id);
      if (!price?.recurring) throw new Error(`there is no recurring price ${id}`);
      return changePlan(world, subscription, price, change);
    },
    cancel(subscription, when = 'period_end') {
      if (when === 'now') end(world, livingSubscription(world, subscription));
      else cancelAtPeriodEnd(world, subscription, true);
    },
    refund: (money, amount) => refund(world, charged(money), amount),
    completeRefund: (id) => completeRefund(world, id),
    failRefund: (id) => failRefund(world, id),
    dispute: (money, options) => dispute(world, charged(money), options),
    fraudWarning: (money, actionable) => fraudWarning(world, charged(money), actionable),
  };
}

function chargeOf(world: World, id: string): Stripe.Charge {
  const session = world.sessions.get(id);
  const invoice = world.invoices.get(idOf(session?.invoice) ?? id);
  const paidBy = (invoice && paymentOf(world, invoice)?.payment.payment_intent) ?? session?.payment_intent ?? id;
  const intent = world.intents.get(idOf(paidBy) ?? '');
  const charge = world.charges.get(idOf(intent?.latest_charge) ?? id);
  if (!charge) throw new Error(`no money was taken by ${id}`);
  return charge;
}
