import type { App } from '../core/app.ts';
import type { Sends } from '../core/chat.ts';
import { describe } from '../core/log.ts';
import { advance, type Broadcast, endBroadcast, restBroadcast, takeBroadcast } from '../core/privacy/broadcasts.ts';
import { prove } from '../core/privacy/consents.ts';
import { accountsWithConsent, type NewsResult, sendNews } from '../core/privacy/news.ts';
import type { Policy } from '../core/privacy/policies.ts';
import { accountsBehind, beginPolicyBroadcasts, dueNotices, nextNoticeMs, tellPolicy } from '../core/privacy/policy-broadcast.ts';
import type { Again } from '../core/queue.ts';

/** Accounts in one step: a process that stops waits for no more than these, or for one that fails. */
const ACCOUNTS_AT_ONCE = 20;
const AFTER_FAILURE_MS = 1_000;
const MOST_REST_MS = 10 * 60_000;
/** Between two looks at a mail server that is away, and after how long news are given up. */
const AWAY_MS = 60_000;
const NEWS_LIVE_MS = 24 * 3_600_000;

const DAY_MS = 86_400_000;

/** Looks at the start and every day whether a policy version is to be told. `close` resolves when the look that is under way has ended. */
export function startBroadcasts(app: App): { close(): Promise<void> } {
  let running = Promise.resolve();
  const look = () => {
    running = running
      .then(() => beginPolicyBroadcasts(app))
      .then(
        () => undefined,
        (error: unknown) => app.log.warn('policy versions were not looked at', describe(error)),
      );
  };
  look();
  const timer = setInterval(look, DAY_MS);
  return {
    close() {
      clearInterval(timer);
      return running;
    },
  };
}

/** One step of a broadcast: the next few accounts. What is told to each is noted before; a crash anywhere is made good by the next step. */
export async function run(app: App, sends: Sends, id: string): Promise<Again | undefined> {
  const broadcast = await takeBroadcast(app, id);
  if (!broadcast) return undefined;
  if (broadcast.kind === 'news') return sendToThoseWhoWant(app, sends, broadcast);
  const policy = app.policies.find(({ version }) => version === broadcast.version);
  if (policy) return tellEverybody(app, sends, broadcast, policy);
  // Published by a newer release than this process runs.
  return rest(app, broadcast, MOST_REST_MS);
}

async function rest(app: App, broadcast: Broadcast, afterMs: number): Promise<Again> {
  await restBroadcast(app, broadcast, afterMs);
  return { afterMs };
}

/** Each account once in the order of their ids, then again those for whom something failed, until none is left. */
async function tellEverybody(app: App, sends: Sends, taken: Broadcast, policy: Policy): Promise<Again | undefined> {
  let broadcast = taken;
  const page = await accountsBehind(app, broadcast.cursor, ACCOUNTS_AT_ONCE);
  for (const { _id, createdAt } of page) {
    const result = createdAt < policy.effectiveAt ? await tellPolicy(app, sends, policy, _id) : 'skipped';
    const next = await advance(app, broadcast, { cursor: _id, ...countOf(result) });
    if (!next) return undefined;
    broadcast = next;
    if (result === 'failed') return rest(app, broadcast, AFTER_FAILURE_MS);
  }
  if (page.length > 0) return rest(app, broadcast, 0);
  for (const accountId of await dueNotices(app, policy.version, ACCOUNTS_AT_ONCE)) {
    const result = await tellPolicy(app, sends, policy, accountId);
    const next = await advance(app, broadcast, result === 'sent' ? { sent: 1 } : {});
    if (!next) return undefined;
    broadcast = next;
    if (result === 'failed') return rest(app, broadcast, AFTER_FAILURE_MS);
  }
  const leftMs = await nextNoticeMs(app, policy.version);
  if (leftMs !== undefined) return rest(app, broadcast, Math.min(leftMs, MOST_REST_MS));
  await endBroadcast(app, broadcast, 'sent');
  return undefined;
}

const countOf = (result: 'sent' | 'skipped' | 'failed') => (result === 'sent' ? { sent: 1 } : { skipped: 1 });

/** Whether a person still wants news is asked before each single one. */
async function sendToThoseWhoWant(app: App, sends: Sends, taken: Broadcast): Promise<Again | undefined> {
  let broadcast = taken;
  const page = await accountsWithConsent(app, broadcast.cursor);
  for (const accountId of page) {
    const results = [
      await sendTo(app, sends, broadcast, accountId, 'telegram'),
      await sendTo(app, sends, broadcast, accountId, 'mail'),
    ];
    if (results.includes('away')) return waitForMail(app, broadcast);
    const next = await advance(app, broadcast, { cursor: accountId, ...countOf(results.includes('sent') ? 'sent' : 'skipped') });
    if (!next) return undefined;
    broadcast = next;
  }
  if (page.length > 0) return rest(app, broadcast, 0);
  await endBroadcast(app, broadcast, 'sent');
  return undefined;
}

async function sendTo(
  app: App,
  sends: Sends,
  { _id: id, subject = '', text = '' }: Broadcast,
  accountId: string,
  way: 'telegram' | 'mail',
): Promise<NewsResult> {
  const proof = await prove(app, accountId, 'marketing');
  return proof ? sendNews(app, sends, proof, { id, subject, text, way }) : 'skipped';
}

async function waitForMail(app: App, broadcast: Broadcast): Promise<Again | undefined> {
  if (app.now() - broadcast.createdAt.getTime() < NEWS_LIVE_MS) return rest(app, broadcast, AWAY_MS);
  app.log.error('news were given up: the mail server stays away', { reference: broadcast._id });
  await endBroadcast(app, broadcast, 'stopped');
  return undefined;
}
