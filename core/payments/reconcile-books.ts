import type { App } from '../app.ts';
import type { Entry } from '../credits/types.ts';
import { isOneOf, OPEN_STATES } from '../generations/states.ts';
import type { Payment } from './payment.ts';
import type { Drift, Run } from './reconcile-run.ts';

const PAGE = 200;
const PAID: readonly Payment['status'][] = ['paid', 'part_reversed', 'reversed'];

type Checked = Pick<Payment, '_id' | 'kind' | 'status' | 'credits' | 'lots' | 'forgottenAt'>;

/** I8: a paid payment has exactly one grant for each of its lots, together of its size; what is not paid has none. Who has left took theirs along. */
export function checkGrants(payments: readonly Checked[], grants: readonly Entry[]): Drift[] {
  return payments.flatMap(({ _id: reference, kind, status, credits, lots, forgottenAt }) => {
    if (forgottenAt) return [];
    const own = grants.filter(({ type, paymentId }) => type === 'grant' && paymentId === reference);
    const granted = own.reduce((sum, entry) => sum + sizeOf(entry), 0);
    const isPaid = kind !== 'plan_order' && PAID.includes(status);
    if (!isPaid) return granted > 0 && status !== 'processing' ? [{ code: 'I8_granted_unpaid', reference, count: granted }] : [];
    const isOnce = own.length === lots.length && lots.every(({ id }) => own.filter(({ lotId }) => lotId === id).length === 1);
    if (isOnce && granted === credits) return [];
    return [{ code: own.length === 0 ? 'I8_paid_not_granted' : 'I8_wrong_size', reference, count: granted - credits }];
  });
}

/** What a grant brought in, before it repaid any debt. */
const sizeOf = ({ postings }: Entry): number =>
  postings.reduce((sum, { account, amount }) => (account.startsWith('sys:source:') ? sum - amount : sum), 0);

/** The invariants that no rail is needed for: I8 over the payments of the window, and I10. */
export async function walkBooks(app: App, run: Run): Promise<undefined> {
  await walkPayments(app, run);
  await walkGrants(app, run);
  await walkHolds(app, run);
  return undefined;
}

async function walkPayments(app: App, run: Run): Promise<void> {
  const createdAt = { $gte: new Date(run.since) };
  for (let after = ''; ; ) {
    const page = await app.models.payments
      .find({ _id: { $gt: after }, createdAt })
      .sort({ _id: 1 })
      .limit(PAGE)
      .lean();
    const suspects = checkGrants(page, await grantsOf(app, page)).flatMap(({ reference }) => reference ?? []);
    // A payment and its grants are read one after the other: what landed in between is looked at again.
    const again = await app.models.payments.find({ _id: { $in: suspects } }).lean();
    run.drift.push(...checkGrants(again, await grantsOf(app, again)));
    run.seen += page.length;
    const last = page.at(-1);
    if (!last) return;
    after = last._id;
    await run.rest();
  }
}

const grantsOf = (app: App, payments: readonly Checked[]): Promise<Entry[]> =>
  app.models.ledgerEntries.find({ paymentId: { $in: payments.map(({ _id }) => _id) }, type: 'grant' }).lean();

/** Grants that name a payment which is not there. */
async function walkGrants(app: App, run: Run): Promise<void> {
  for (let after = ''; ; ) {
    const page = await app.models.ledgerEntries
      .find({ paymentId: { $gt: after }, type: 'grant', at: { $gte: run.since } }, { paymentId: 1 })
      .sort({ paymentId: 1 })
      .limit(PAGE)
      .lean();
    const named = [...new Set(page.flatMap(({ paymentId }) => paymentId ?? []))];
    const found = await app.models.payments.find({ _id: { $in: named } }, { _id: 1 }).lean();
    const known = new Set(found.map(({ _id }) => _id));
    for (const reference of named) if (!known.has(reference)) run.drift.push({ code: 'I8_grant_without_payment', reference });
    const last = named.at(-1);
    if (!last) return;
    after = last;
    await run.rest();
  }
}

/** I10: no hold is overdue unless its generation still runs. */
async function walkHolds(app: App, run: Run): Promise<void> {
  const { creditAccounts, generations } = app.models;
  for (let after = ''; ; ) {
    const nextHoldDueAt = { $lte: new Date(run.settledBy) };
    const page = await creditAccounts
      .find({ _id: { $gt: after }, nextHoldDueAt })
      .sort({ _id: 1 })
      .limit(PAGE)
      .lean();
    for (const { _id: account, holds } of page) {
      for (const { id } of holds.filter(({ until }) => until <= run.settledBy)) {
        const generation = await generations.findById(id, { state: 1 }).lean();
        if (generation && isOneOf(generation.state, OPEN_STATES)) continue;
        const isHeld = await creditAccounts.exists({ _id: account, 'holds.id': id });
        if (isHeld) run.drift.push({ code: 'I10_hold_without_generation', reference: id });
      }
    }
    const last = page.at(-1);
    if (!last) return;
    after = last._id;
    await run.rest();
  }
}
