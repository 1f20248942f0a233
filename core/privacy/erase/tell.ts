import type { App } from '../../app.ts';
import type { Attachment } from '../../chat.ts';
import { Undeliverable } from '../../errors.ts';
import { describe } from '../../log.ts';
import { erasedReply } from '../../texts/erasures.ts';
import { recordPrivacyEvent } from '../events.ts';
import { policyAt } from '../policies.ts';
import { KEY_BACKUPS_MS, type Receipt, signReceipt } from '../receipt-of-erasure.ts';
import { type Erasure, openPlace } from './erasure.ts';
import type { Hands, Step } from './step.ts';

const MOST_TRIES = 10;
/** A process that was slow may have written something meanwhile: everything is swept once more after this. */
export const SWEEP_AFTER_MS = 10 * 60_000;

/** Signs the receipt, hands it over, and closes the erasure. The receipt is stored before it is sent: a repeat sends the same. */
export const tell: Step = async (app, erasure, hands) => {
  const doneAt = new Date(app.now());
  if (!erasure.receipt) {
    const receipt = signReceipt(app.keys, receiptOf(app, erasure, doneAt));
    return { kind: 'goes on', changes: { set: { receipt, doneAt } } };
  }
  await handOver(app, erasure, erasure.receipt, hands);
  if (erasure.scope !== 'account') await note(app, erasure);
  app.log.info('erasure done', { reference: erasure._id, state: erasure.scope });
  const dueAt = new Date(app.now() + SWEEP_AFTER_MS);
  return { kind: 'over', changes: { set: { state: 'done', dueAt }, unset: ['step', 'leaseUntil'] } };
};

function receiptOf(app: App, erasure: Erasure, doneAt: Date): Receipt {
  const { _id: id, scope, counts, kept, answers, createdAt, confirmedAt = createdAt, startedAt = confirmedAt } = erasure;
  return {
    id,
    service: 'LPM AI',
    scope,
    asked: confirmedAt.toISOString(),
    begun: startedAt.toISOString(),
    done: doneAt.toISOString(),
    deleted: Object.fromEntries(counts.map(({ name, count }) => [name, count])),
    kept: kept.map(({ what, ground, until }) => ({ what, ground, ...(until && { until: until.toISOString() }) })),
    processors: answers.map(({ processor: name, answer }) => ({ name, answer })),
    ...(scope === 'account' && { backupsUnreadableFrom: new Date(doneAt.getTime() + KEY_BACKUPS_MS).toISOString() }),
    policy: policyAt(app.policies, doneAt.getTime()).version,
  };
}

/** Throws where trying again may help. Who cannot be reached finds nothing of theirs here, and no receipt. */
async function handOver(app: App, erasure: Erasure, receipt: string, { sends }: Hands): Promise<void> {
  const place = openPlace(app, erasure);
  if (!place) return;
  const send = sends[place.platform];
  const isLast = erasure.tries + 1 >= MOST_TRIES;
  try {
    if (!send) throw new Error('this process does not speak there');
    const url = app.address.url && new URL('/receipt', app.address.url).href;
    const reply = erasedReply(erasure, { file: fileOf(app, erasure, receipt), ...(url && { url }) });
    await send(place, { ...reply, private: true }, { key: erasure._id, kind: 'result' });
  } catch (error) {
    if (!(error instanceof Undeliverable) && !isLast) throw error;
    app.log.warn('a receipt was not handed over', { reference: erasure._id, platform: place.platform, ...describe(error) });
  }
}

function fileOf(app: App, erasure: Erasure, receipt: string): Attachment {
  const content = receiptOf(app, erasure, erasure.doneAt ?? new Date(app.now()));
  const bytes = Buffer.from(`${JSON.stringify({ content, receipt }, null, 2)}\n`);
  return { name: `deletion-receipt-${erasure._id}.json`, type: 'application/json', size: bytes.length, read: async () => bytes };
}

/** The account stays, and so does its log. */
async function note(app: App, { accountIds = [] }: Erasure): Promise<void> {
  const there = await app.models.accounts.find({ _id: { $in: accountIds }, status: { $ne: 'erasing' } }, { _id: 1 }).lean();
  for (const { _id: accountId } of there) {
    await recordPrivacyEvent(app, { accountId, actor: 'system', action: 'erased', at: app.now() });
  }
}
