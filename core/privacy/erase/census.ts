import type { App } from '../../app.ts';
import { OPEN_STATES } from '../../generations/states.ts';
import { GRACE_MS as PLAN_GRACE_MS } from '../../payments/subscriptions.ts';
import { type Erasure, generationsOf, takes } from './erasure.ts';
import { countOwned } from './owned.ts';

/** So long it is remembered that somebody who left had their welcome credits. */
export const DEPARTURE_MS = 180 * 86_400_000;
/** What the tax office may ask for. */
const RETAIN_MS = 10 * 365 * 86_400_000;

const hasVideo = { video: { $exists: true } };
const hasPicture = { hasImage: true, 'removed.image': { $exists: false }, state: { $ne: 'rejected' } };
const hasPrompt = { 'removed.prompt': { $exists: false }, state: { $ne: 'rejected' } };

/** What an erasure would take and leave: shown before the question is asked. */
export interface Plan {
  videos: number;
  pictures: number;
  prompts: number;
  /** Messages with a video in the chats. */
  messages: number;
  gallery: number;
  archives: number;
  /** Generations that are being made, which are stopped. */
  running: number;
  /** Credits that end with the account, and how many of them were paid for. */
  credits: { all: number; paid: number };
  /** Payments that stay under a pseudonym, and until when. */
  payments: number;
  paymentsUntil: Date;
  /** Where plans run. */
  plans: string[];
  /** Accounts that go together. */
  accounts: number;
}

/** Counts what an erasure is about, as it is now. */
export async function planOf(app: App, erasure: Erasure): Promise<Plan> {
  const { accountIds = [], scope } = erasure;
  const theirs = { accountId: { $in: accountIds } };
  const { generations, galleryItems, archives, payments } = app.models;
  const count = (wanted: object) => generations.countDocuments({ $and: [generationsOf(erasure), wanted] });
  const media = takes(scope, 'media');
  const wallets = await app.models.creditAccounts.find({ _id: { $in: accountIds } }, { lots: 1 }).lean();
  const left = wallets.flatMap(({ lots }) => lots);
  const sum = (lots: typeof left) => lots.reduce((total, { remaining }) => total + remaining, 0);
  return {
    videos: media ? await count(hasVideo) : 0,
    pictures: media ? await count(hasPicture) : 0,
    prompts: takes(scope, 'prompts') ? await count(hasPrompt) : 0,
    messages: media ? await count({ message: { $exists: true } }) : 0,
    gallery: media
      ? await galleryItems.countDocuments(erasure.generation ? { ...theirs, generation: erasure.generation } : theirs)
      : 0,
    archives: await archives.countDocuments({ ...theirs, state: { $ne: 'gone' } }),
    running: await count({ state: { $in: OPEN_STATES } }),
    credits: { all: sum(left), paid: sum(left.filter(({ paymentId }) => paymentId !== undefined)) },
    payments: await payments.countDocuments({ ...theirs, paidAt: { $exists: true } }),
    paymentsUntil: await paymentsUntil(app, accountIds),
    plans: await runningPlans(app, accountIds),
    accounts: accountIds.length,
  };
}

async function paymentsUntil(app: App, accountIds: readonly string[]): Promise<Date> {
  const newest = await app.models.payments
    .findOne({ accountId: { $in: accountIds }, paidAt: { $exists: true } })
    .sort({ createdAt: -1 })
    .lean();
  return newest?.retainUntil ?? new Date((newest?.paidAt?.getTime() ?? app.now()) + RETAIN_MS);
}

async function runningPlans(app: App, accountIds: readonly string[]): Promise<string[]> {
  const found = await app.models.subscriptions.find({ accountId: { $in: accountIds }, status: { $ne: 'ended' } }).lean();
  const lapsed = app.now() - PLAN_GRACE_MS;
  const running = found.filter(({ provider, periodEnd }) => provider === 'stripe' || (periodEnd?.getTime() ?? 0) > lapsed);
  return [...new Set(running.map(({ provider }) => provider))];
}

/** What the receipt will say, counted once everything has stopped and before anything goes. */
export async function census(app: App, erasure: Erasure): Promise<Pick<Erasure, 'counts' | 'kept'>> {
  const { scope, accountIds = [], keyIds = [] } = erasure;
  const { videos, pictures, prompts, gallery, archives, credits, payments, paymentsUntil: until } = await planOf(app, erasure);
  const seen = Object.entries({ videos, pictures, prompts, gallery, archives });
  const counts = seen.flatMap(([name, count]) => (count > 0 ? [{ name, count }] : []));
  if (scope !== 'account') return { counts, kept: [] };
  // Named apart from what people count in: `documents.` are rows of the registry's collections.
  const rows = (await countOwned(app, { accountIds, keyIds })).map(({ name, count }) => ({ name: `documents.${name}`, count }));
  const ended = credits.all > 0 ? [{ name: 'credits', count: credits.all }] : [];
  return { counts: [...counts, ...ended, ...rows], kept: keptOf(app, payments, until) };
}

function keptOf(app: App, payments: number, until: Date): Erasure['kept'] {
  const billing = { what: `${payments} payments, under a pseudonym`, ground: 'tax law', until };
  return [
    ...(payments > 0 ? [billing] : []),
    {
      what: 'a fingerprint that says welcome credits were given',
      ground: 'so that they are not given twice',
      until: new Date(app.now() + DEPARTURE_MS),
    },
    { what: 'the random number of the account', ground: 'so that a restored backup does not bring it back' },
  ];
}
