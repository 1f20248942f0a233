import { openAccount } from '../accounts.ts';
import type { App } from '../app.ts';
import type { Item } from './catalog.ts';
import type { Payment } from './payment.ts';

/**
 * The order that a purchase in Discord's shop belongs to: the open one, else the plan's earlier one. Who buys in the shop without
 * ever having asked here gets an account, and an order that is stored nowhere: nobody can be told, and the credits are there.
 */
export async function orderOfShop(app: App, user: string, item: Item): Promise<Payment> {
  const account = await openAccount(app, {
    id: `dc-shop-${user}`,
    place: {
      platform: 'discord',
      chat: '',
      user,
      application: '',
      interaction: { id: '', token: '', at: 0 },
      canPost: false,
      fileLimit: 0,
    },
    person: {},
    command: 'buy',
    at: app.now(),
  });
  const ordered = await app.models.payments
    .find({ accountId: account.id, provider: 'discord', item: item.id, kind: item.kind === 'plan' ? 'plan_order' : 'pack' })
    .sort({ createdAt: -1 })
    .limit(10)
    .lean();
  const order = ordered.find(({ status }) => status === 'open') ?? (item.kind === 'plan' ? ordered[0] : undefined);
  return (
    order ?? {
      _id: '',
      accountId: account.id,
      keyId: account.keyId,
      provider: 'discord',
      kind: 'pack',
      item: item.id,
      catalogVersion: app.catalog.version,
      credits: item.credits,
      status: 'open',
      lots: [],
      reversals: [],
      rev: 0,
      createdAt: new Date(app.now()),
    }
  );
}
