import type { App } from '../../core/app.ts';
import { privacyEventsOf } from '../../core/privacy/events.ts';
import { policyAt } from '../../core/privacy/policies.ts';
import { policiesReply, REQUEST_NAMES } from '../../core/texts/policies.ts';
import { accountsTogether } from '../../core/wallet/wallet.ts';
import { defineCommand } from '../command.ts';

/** Rows of the access log that are looked through, and requests that are shown. */
const ROWS = 50;
const MOST_REQUESTS = 5;

export const showPolicies = defineCommand({
  name: 'policies',
  about: 'The privacy policy, its versions and what you have asked for',
  private: true,
  whileLeaving: true,
  options: {},
  async run({ app, account, at }) {
    const together = await accountsTogether(app, account.id);
    const url = app.address.url;
    return policiesReply({
      policies: app.policies.filter(({ publishedAt }) => publishedAt.getTime() <= at),
      inForce: policyAt(app.policies, at),
      told: account.about.policy,
      mailed: await mailedTo(app, together),
      requests: await requestsOf(app, together),
      url: url && new URL('/policy', url).href,
      at,
    });
  },
});

/** When word of each version went to them by e-mail. */
async function mailedTo(app: App, accountIds: readonly string[]): Promise<Map<string, Date>> {
  const rows = await app.models.policyNotices.find({ accountId: { $in: accountIds } }, { version: 1, mailAt: 1 }).lean();
  return new Map(rows.flatMap(({ version, mailAt }) => (mailAt ? [[version, mailAt]] : [])));
}

async function requestsOf(app: App, accountIds: readonly string[]): Promise<{ about: string; at: number }[]> {
  const rows = await privacyEventsOf(app, accountIds, ROWS);
  return rows
    .flatMap(({ actor, action, at }) => {
      const about = actor === 'person' ? REQUEST_NAMES[action] : undefined;
      return about ? [{ about, at }] : [];
    })
    .slice(0, MOST_REQUESTS);
}
