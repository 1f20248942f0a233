import type Stripe from 'stripe';
import { cancelAtPeriodEnd, changePlan } from '../people/subscriptions.ts';
import { idOf, newestOf, type World } from '../world.ts';
import { button, day, escaped, layout, money } from './html.ts';
import type { Next } from './pay.ts';

const planName = (world: World, { product }: Stripe.Price): string => world.products.get(idOf(product) ?? '')?.name ?? 'Plan';

const rate = ({ unit_amount, currency, recurring }: Stripe.Price): string =>
  `${money(unit_amount ?? 0, currency)} per ${recurring?.interval ?? 'month'}`;

const subscriptionsOf = (world: World, customer: string): Stripe.Subscription[] =>
  newestOf(world.subscriptions).filter((one) => idOf(one.customer) === customer && one.ended_at === null);

/** The person pressed a button of the portal: end at the period's end, go on after all, or another plan from now on. */
export function submitPortal(world: World, portal: Stripe.BillingPortal.Session, form: URLSearchParams): Next {
  const [verb = '', id = '', wanted = ''] = (form.get('action') ?? '').split(' ');
  const own = subscriptionsOf(world, portal.customer).find((one) => one.id === id);
  const price = world.prices.get(wanted);
  if (!own) return { again: 'This plan is over.' };
  if (verb === 'cancel' || verb === 'keep') cancelAtPeriodEnd(world, id, verb === 'cancel');
  else if (verb === 'change' && price) changePlan(world, id, price, { anchor: 'now' });
  else return { again: 'Choose what to do.' };
  return { to: `/p/session/${portal.id}` };
}

/** The customer's plans and what can be done about them. */
export function portalPage(world: World, portal: Stripe.BillingPortal.Session): string {
  const plans = subscriptionsOf(world, portal.customer);
  const back = portal.return_url ? `<a class="button" href="${escaped(portal.return_url)}">Back to LPM AI</a>` : '';
  const invoices = newestOf(world.invoices)
    .filter((one) => idOf(one.customer) === portal.customer)
    .slice(0, 12);
  const rows = invoices.map(
    (one) => `<dt>${day(one.created)}, ${escaped(one.status ?? '')}</dt><dd>${money(one.total, one.currency)}</dd>`,
  );
  return layout(
    'Billing',
    `<section aria-labelledby="plan"><h1>Billing</h1>
<h2 id="plan">${plans.length > 0 ? 'Your plan' : 'You have no plan.'}</h2>
${plans.map((plan) => planForm(world, plan)).join('')}${back}</section>
<section aria-labelledby="invoices"><h2 id="invoices">Invoices</h2>${rows.length > 0 ? `<dl>${rows.join('')}</dl>` : '<p class="soft">None yet.</p>'}</section>`,
  );
}

function planForm(world: World, plan: Stripe.Subscription): string {
  const item = plan.items.data[0];
  if (!item) return '';
  const end = day(item.current_period_end);
  const others = [...world.prices.values()].filter((one) => one.active && one.recurring && one.id !== item.price.id);
  const change = others.map((one) =>
    button(`change ${plan.id} ${one.id}`, `Change to ${planName(world, one)}`, 'plain', rate(one)),
  );
  return `<p><strong>${escaped(planName(world, item.price))}</strong>, ${rate(item.price)}.
${plan.cancel_at_period_end ? `Ends on ${end}.` : `Renews on ${end}.`}</p>
<form method="post">${plan.cancel_at_period_end ? button(`keep ${plan.id}`, 'Keep the plan', 'primary') : `${change.join('')}${button(`cancel ${plan.id}`, 'Cancel the plan', 'quiet', `It stays until ${end}`)}`}</form>`;
}
