import type { App } from '../app.ts';
import { itemOfSku } from './catalog.ts';
import type { Payment } from './payment.ts';
import { settleEntitlement, settlePremiumSubscription } from './premium.ts';
import type { Entitlement, PremiumRail } from './rail.ts';
import { heal, type Run } from './reconcile-run.ts';

/**
 * All entitlements, since a plan's is as old as the plan and is not touched by a renewal. The cursor is the last one that was compared,
 * so that a run that died goes on there. Nothing is concluded from one that is not listed: Discord may forget, and a local Discord
 * does with every start.
 */
export async function walkDiscord(app: App, rail: PremiumRail, run: Run): Promise<undefined> {
  for (let after = run.cursor; ; ) {
    const page = await rail.entitlements(after);
    const payments = await paymentsOf(app, page);
    for (const entitlement of page) await compareOne(app, rail, run, entitlement, payments.get(entitlement.id));
    run.seen += page.length;
    after = page.at(-1)?.id;
    if (!after) return undefined;
    await run.rest(after);
  }
}

async function compareOne(app: App, rail: PremiumRail, run: Run, entitlement: Entitlement, known?: Payment): Promise<void> {
  const { id, sku, kind, isTest, deleted, consumed, endsAt } = entitlement;
  const item = itemOfSku(app.catalog, sku);
  if (deleted) return compareDeleted(app, run, id, known);
  if (isTest && !app.config.DISCORD_TEST_PURCHASES) return;
  if (!item) {
    run.drift.push({ code: 'sku_unknown', reference: id });
    return;
  }
  if (kind === 'subscription' && item.kind === 'plan') {
    if ((endsAt ?? run.at) >= run.since) await comparePlan(app, rail, run, entitlement);
    return;
  }
  if (kind !== 'consumable' || item.kind !== 'pack') return;
  if (known && consumed) return;
  const isTold = await heal(app, run, id, async () => {
    await settleEntitlement(app, id);
    return (await paymentsOf(app, [entitlement])).has(id);
  });
  if (!isTold) run.drift.push({ code: 'entitlement_not_granted', reference: id });
}

/** Brings in the month that runs, as the event of its renewal would have done. */
async function comparePlan(app: App, rail: PremiumRail, run: Run, { id, sku, user }: Entitlement): Promise<void> {
  const months = async () => {
    const running = (await rail.subscriptions(sku, user)).filter(({ periodEnd }) => periodEnd > run.at);
    const ext = { $in: running.map((one) => `${one.id}:${one.periodStart}`) };
    return app.models.payments.countDocuments({ provider: 'discord', ext, grantedAt: { $exists: true } });
  };
  const before = await months();
  await heal(app, run, id, async () => {
    await settlePremiumSubscription(app, { sku, user });
    return (await months()) > before;
  });
}

async function compareDeleted(app: App, run: Run, id: string, payment: Payment | undefined): Promise<void> {
  if (!payment || payment.status === 'reversed') return;
  if (run.takesBack || payment.forgottenAt) {
    await heal(app, run, payment._id, async () => (await settleEntitlement(app, id)) === 'done');
    return;
  }
  run.drift.push({ code: 'refund_not_taken_back', reference: payment._id, count: payment.amountMinor });
}

async function paymentsOf(app: App, page: readonly Entitlement[]): Promise<Map<string, Payment>> {
  const ext = { $in: page.map(({ id }) => id) };
  const found = await app.models.payments.find({ provider: 'discord', ext, grantedAt: { $exists: true } }).lean();
  return new Map(found.map((payment) => [payment.ext ?? '', payment]));
}
