import type Stripe from 'stripe';
import { expireDue, type Payment, pay } from '../people/sessions.ts';
import type { World } from '../world.ts';
import { alert, button, escaped, layout, money } from './html.ts';

/** Where a form leads: to another address, or to a page again with what went wrong. */
export type Next = { to: string } | { again: string };

const WAYS: Record<string, Payment> = { pay: 'card', bank: 'delayed', decline: 'declined', '3ds': '3ds' };

/** The person pressed a button of the payment page. */
export function submitPayment(world: World, session: Stripe.Checkout.Session, form: URLSearchParams): Next {
  expireDue(world);
  if (session.status !== 'open') return { to: `/c/pay/${session.id}` };
  const action = form.get('action') ?? '';
  if (action === 'cancel') return { to: session.cancel_url ?? `/c/pay/${session.id}` };
  const way = WAYS[action];
  if (!way) return { again: 'Choose how to pay.' };
  if (session.consent_collection?.terms_of_service === 'required' && form.get('terms') !== 'accepted')
    return { again: 'Please agree to the terms of service first.' };
  try {
    pay(world, session.id, way, form.get('code')?.trim() || undefined);
  } catch (error) {
    return { again: error instanceof Error ? error.message : String(error) };
  }
  if (way === 'declined' && session.payment_status === 'unpaid')
    return { again: 'Your card was declined. Try another way to pay.' };
  return { to: (session.success_url ?? `/c/pay/${session.id}`).replaceAll('{CHECKOUT_SESSION_ID}', session.id) };
}

/** The payment page of a session; looking at it changes nothing. */
export function paymentPage(world: World, session: Stripe.Checkout.Session, wrong?: string): string {
  const open = session.status === 'open' && session.expires_at > world.now();
  const body = `<section aria-labelledby="what">${summary(world, session)}</section>
<section aria-labelledby="how">${open ? form(session, wrong) : closed(session)}</section>`;
  return layout(open ? 'Pay LPM AI' : 'Payment', body);
}

function summary(world: World, session: Stripe.Checkout.Session): string {
  const lines = world.sessionLines.get(session.id) ?? [];
  const currency = session.currency ?? 'usd';
  const every = lines[0]?.price?.recurring;
  const rows = lines.map(
    ({ description, quantity, amount_subtotal }) =>
      `<dt>${escaped(description ?? 'Item')}${(quantity ?? 1) > 1 ? ` × ${quantity}` : ''}</dt><dd>${money(amount_subtotal, currency)}</dd>`,
  );
  const { amount_discount = 0, amount_tax = 0 } = session.total_details ?? {};
  if (amount_discount) rows.push(`<dt>Discount</dt><dd>−${money(amount_discount, currency)}</dd>`);
  if (amount_tax) rows.push(`<dt>Tax</dt><dd>${money(amount_tax, currency)}</dd>`);
  const per = every ? ` <small>per ${every.interval}</small>` : '';
  return `<h1 id="what">${every ? 'Subscribe to' : 'Pay'} LPM AI</h1>
<p class="amount">${money(session.amount_total ?? 0, currency)}${per}</p>
<dl>${rows.join('')}</dl>`;
}

function form(session: Stripe.Checkout.Session, wrong: string | undefined): string {
  const code = '<label>Promotion code<input type="text" name="code" autocomplete="off" maxlength="40"></label>';
  const terms =
    '<label class="check"><input type="checkbox" name="terms" value="accepted"><span>I agree to the terms of service and to delivery at once.</span></label>';
  return `<h2 id="how">How do you want to pay?</h2>
${alert(wrong)}
<form method="post">
${session.allow_promotion_codes ? code : ''}
${session.consent_collection?.terms_of_service === 'required' ? terms : ''}
${button('pay', 'Pay', 'primary')}
${button('bank', 'Pay by bank (takes days)')}
${button('3ds', 'Pay after a check by the bank')}
${button('decline', 'Card is declined')}
${button('cancel', 'Cancel', 'quiet')}
</form>`;
}

function closed(session: Stripe.Checkout.Session): string {
  if (session.status !== 'complete')
    return '<h2 id="how">This payment page has expired.</h2><p>Ask for a new link in the chat. Nothing was charged.</p>';
  const words = session.payment_status === 'unpaid' ? 'Your bank is sending the money.' : 'Paid. Thank you!';
  return `<h2 id="how">${words}</h2><p>You can close this page and go back to the chat.</p>`;
}
