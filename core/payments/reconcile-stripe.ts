import type { App } from '../app.ts';
import { readPayment } from './payment.ts';
import { checkDays, count, type Days } from './reconcile-days.ts';
import { heal, inPages, type Run } from './reconcile-run.ts';
import { checkUnseen } from './reconcile-unseen.ts';
import type { Stripe, StripeDoor } from './stripe.ts';
import { actOnStripe } from './stripe-events.ts';
import { planLines } from './stripe-facts.ts';

interface Landed {
  amountMinor: number;
}

/** The paid sessions of the window, each with its payment. */
export async function walkSessions(app: App, door: StripeDoor, run: Run): Promise<undefined> {
  const days: Days = new Map();
  const seen = new Set<string>();
  for await (const sessions of inPages(door.sessionsSince(run.since))) {
    const known = await landed(app, ids(sessions));
    for (const session of sessions) {
      seen.add(session.id);
      const found = known.get(session.id) ?? (await healSession(app, run, session));
      if (!found) continue;
      if (session.mode === 'payment') compare(run, days, session.created, found, session);
    }
    run.seen += sessions.length;
    await run.rest();
  }
  run.drift.push(...checkDays(days));
  await checkUnseen(app, run, { provider: 'stripe', kind: 'pack', seen, exists: (id) => door.session(id) });
  return undefined;
}

/** What is paid and ours is brought in the way its event would have done; undefined: nothing was due. */
async function healSession(app: App, run: Run, session: Stripe.Checkout.Session): Promise<Landed | undefined> {
  const { id, metadata, payment_status } = session;
  const orderId = metadata?.orderId;
  if (!orderId) return undefined;
  if (!(await readPayment(app, orderId))) {
    if (payment_status !== 'unpaid') run.drift.push({ code: 'order_unknown', reference: id });
    return undefined;
  }
  const isTold = await heal(app, run, id, async () => {
    await actOnStripe(app, 'checkout.session.completed', id);
    return (await landed(app, [id])).has(id);
  });
  const found = (await landed(app, [id])).get(id);
  if (!found && !isTold && payment_status !== 'unpaid') run.drift.push({ code: 'session_not_granted', reference: id });
  return found;
}

/** The paid invoices of the window that bring a month of a plan. */
export async function walkInvoices(app: App, door: StripeDoor, run: Run): Promise<undefined> {
  const days: Days = new Map();
  const seen = new Set<string>();
  for await (const invoices of inPages(door.invoicesSince(run.since))) {
    const known = await landed(app, ids(invoices));
    for (const invoice of invoices) {
      if (!invoice.parent?.subscription_details) continue;
      seen.add(invoice.id);
      const found = known.get(invoice.id) ?? (await healInvoice(app, door, run, invoice));
      if (!found) continue;
      const { created, currency, amount_paid: amount_total } = invoice;
      compare(run, days, created, found, { id: invoice.id, currency, amount_total });
    }
    run.seen += invoices.length;
    await run.rest();
  }
  run.drift.push(...checkDays(days));
  await checkUnseen(app, run, { provider: 'stripe', kind: 'plan_period', seen, exists: (id) => door.invoice(id) });
  return undefined;
}

async function healInvoice(app: App, door: StripeDoor, run: Run, { id }: Stripe.Invoice): Promise<Landed | undefined> {
  let isOurs = false;
  const isTold = await heal(app, run, id, async () => {
    isOurs = (await actOnStripe(app, 'invoice.paid', id)) === 'done';
    return isOurs && (await landed(app, [id])).has(id);
  });
  const found = (await landed(app, [id])).get(id);
  if (!found && isOurs && !isTold && planLines(await door.linesOf(id)).length > 0) {
    run.drift.push({ code: 'invoice_not_granted', reference: id });
  }
  return found;
}

function compare(
  run: Run,
  days: Days,
  created: number,
  { amountMinor: ours }: Landed,
  { id, currency, amount_total }: Pick<Stripe.Checkout.Session, 'id' | 'currency' | 'amount_total'>,
): void {
  const theirs = amount_total ?? 0;
  if (ours !== theirs) run.drift.push({ code: 'amount_differs', reference: id, count: ours - theirs });
  count(days, created * 1000, currency ?? '', { theirs, ours });
}

/** Which of these sessions or invoices are credited, or have closed a plan's order. */
async function landed(app: App, exts: readonly string[]): Promise<Map<string, Landed>> {
  const settled = [{ grantedAt: { $exists: true } }, { kind: 'plan_order' as const, status: 'paid' as const }];
  const found = await app.models.payments.find({ provider: 'stripe', ext: { $in: [...exts] }, $or: settled }).lean();
  return new Map(found.map(({ ext = '', amountMinor = 0 }) => [ext, { amountMinor }]));
}

const ids = (objects: readonly { id: string }[]): string[] => objects.map(({ id }) => id);
