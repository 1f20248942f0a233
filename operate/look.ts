import { parseArgs } from 'node:util';
import type { App } from '../core/app.ts';
import { UserError } from '../core/errors.ts';
import { keysOf, readGeneration } from '../core/generations/read.ts';
import { prompt as promptField } from '../core/generations/sealed.ts';
import { KeyDestroyed } from '../core/keys.ts';
import { ACCESS_REASONS, type AccessReason, type PrivacyAction, recordPrivacyEvent } from '../core/privacy/events.ts';
import { held } from '../core/privacy/held.ts';
import { lastPayments, standingOf } from '../core/receipts.ts';
import { describeLook } from '../core/texts/generations.ts';
import { money } from '../core/texts/money.ts';
import { walletOf } from '../core/wallet/wallet.ts';

const ROLES = ['support', 'privacy', 'billing', 'moderator', 'owner'] as const;
type Role = (typeof ROLES)[number];

export const LOOK_USAGE = `npm run operate -- look <account | payment | generation> --reason <why> --role <role>
  reasons: ${ACCESS_REASONS.join(', ')}
  roles:   ${ROLES.join(', ')}`;

const PAYMENTS = 5;

interface Found {
  accountId: string;
  action: PrivacyAction;
}

/**
 * What a member of staff may see of a person: what that person's own screens show. The look stands in the person's access log before
 * anything is read for showing; when it cannot be written, nothing is shown. Throws UserError for a reason or role that there is not.
 */
export async function look(app: App, args: readonly string[]): Promise<string[]> {
  const { id, reason, role } = readArguments(args);
  const found = await whose(app, id);
  if (!found) throw new UserError('unknown_id', 'There is no account, payment or generation of this id.');
  await recordPrivacyEvent(app, { ...found, actor: 'staff', role, reason, at: app.now() });
  const noted = `Noted in the person's access log: ${role}, ${reason}.`;
  if (found.action === 'looked_at_video') return [noted, ...(await linesOfGeneration(app, id))];
  const lines = await linesOfAccount(app, found.accountId);
  return found.action === 'looked_at_payment' ? [noted, ...(await linesOfPayment(app, id)), ...lines] : [noted, ...lines];
}

function readArguments(args: readonly string[]): { id: string; reason: AccessReason; role: Role } {
  const options = { reason: { type: 'string' }, role: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [id] = positionals;
  const reason = ACCESS_REASONS.find((one) => one === values.reason);
  const role = ROLES.find((one) => one === values.role);
  if (!id || !reason || !role) throw new UserError('usage', LOOK_USAGE);
  return { id, reason, role };
}

/** Only whose it is: no more is read before the look is noted. */
async function whose(app: App, id: string): Promise<Found | undefined> {
  const { accounts, payments, generations } = app.models;
  const account = await accounts.exists({ _id: id });
  if (account) return { accountId: id, action: 'looked_at_account' };
  const payment = await payments.findOne({ _id: id, forgottenAt: { $exists: false } }, { accountId: 1 }).lean();
  if (payment) return { accountId: payment.accountId, action: 'looked_at_payment' };
  const generation = await generations.findById(id, { accountId: 1 }).lean();
  return generation ? { accountId: generation.accountId, action: 'looked_at_video' } : undefined;
}

async function linesOfAccount(app: App, id: string): Promise<string[]> {
  const account = await app.models.accounts.findById(id, { status: 1, settings: 1, createdAt: 1, seenAt: 1, partner: 1 }).lean();
  if (!account) return ['The account is gone.'];
  const { status, settings, createdAt, seenAt, partner } = account;
  const { videos, prompts, pictures, rows } = await held(app, { id });
  const { available, debt } = await standingOf(app, await walletOf(app, id));
  const paid = await lastPayments(app, id, PAYMENTS);
  return [
    `Account ${id}: ${status}, since ${day(createdAt)}${seenAt ? `, last used ${day(seenAt)}` : ''}${partner ? ', linked' : ''}`,
    `Held: ${prompts.count} prompts, ${videos.count} videos, ${pictures.count} pictures${rows.map(({ title, count }) => `, ${count} ${title}`).join('')}`,
    `Settings: ${JSON.stringify(settings)}`,
    `Balance: ${available} credits${debt > 0 ? `, owes ${debt}` : ''}`,
    ...paid.map((payment) => `Payment ${payment._id}: ${wordsOfPayment(payment)}`),
  ];
}

async function linesOfPayment(app: App, id: string): Promise<string[]> {
  const payment = await app.models.payments.findById(id).lean();
  return payment ? [`Payment ${id}: ${wordsOfPayment(payment)}`] : ['The payment is gone.'];
}

type Payment = Awaited<ReturnType<typeof lastPayments>>[number];

const wordsOfPayment = ({ item, provider, status, amountMinor, currency, createdAt }: Payment): string =>
  `${item} by ${provider}, ${status}${amountMinor && currency ? `, ${money(amountMinor, currency)}` : ''}, ${day(createdAt)}`;

async function linesOfGeneration(app: App, id: string): Promise<string[]> {
  const generation = await readGeneration(app, id);
  if (!generation) return ['The video is gone.'];
  const { state, price, fault, createdAt, prompt, removed } = generation;
  return [
    `Video ${id}: ${state}, ${describeLook(generation)}, ${price} credits, ${day(createdAt)}${fault ? `, ${fault}` : ''}`,
    `Prompt: ${removed?.prompt ? 'removed' : await opened(app, generation, prompt)}`,
  ];
}

async function opened(app: App, generation: { _id: string; keyId: string }, prompt: string): Promise<string> {
  try {
    return promptField.open(await keysOf(app, generation), generation._id, prompt);
  } catch (error) {
    if (error instanceof KeyDestroyed) return 'its key is destroyed';
    throw error;
  }
}

const day = (date: Date): string => date.toISOString().slice(0, 10);
