import type { PipelineStage } from 'mongoose';
import type { Account } from '../accounts.ts';
import type { App } from '../app.ts';
import { accountsTogether } from '../wallet/wallet.ts';
import { documentsOf, ownedBy, type Room } from './erase/owned.ts';
import { REGISTRY } from './registry.ts';
import type { CollectionRule, DataClass, Processor } from './registry-types.ts';
import { IMAGE_HOURS } from './retention/images.ts';

/** So many of something are held. */
export interface Amount {
  count: number;
  /** When the oldest came. */
  oldest?: Date;
  /** When the next of them goes by itself. */
  next?: Date;
}

/** What is held about a person, counted at this moment over both of two linked accounts. */
export interface Held {
  /** Prompts, videos with their bytes, and pictures that were sent. */
  prompts: Amount;
  videos: Amount & { bytes: number };
  pictures: Amount;
  /** By collection, of those that a person takes along; the account, the balance and the videos are told apart. */
  rows: (Amount & { name: Room['name']; title: string; class: DataClass })[];
  /** How often staff has looked. */
  looks: number;
}

/** Counted apart, or one for each account. */
const APART: readonly string[] = ['accounts', 'creditAccounts', 'generations'];

const ROOMS: readonly Room[] = (Object.entries(REGISTRY.collections) as [Room['name'], CollectionRule][])
  .map(([name, rule]) => ({ name, rule }))
  .filter(({ name, rule }) => rule.export === 'yes' && rule.owners.length > 0 && !APART.includes(name));

/** Counts what is held; every count is answered by an index. */
export async function held(app: App, account: Pick<Account, 'id'>): Promise<Held> {
  const accountIds = await accountsTogether(app, account.id);
  const [made, looks, ...rows] = await Promise.all([
    ofGenerations(app, accountIds),
    app.models.privacyEvents.countDocuments({ accountId: { $in: accountIds }, actor: 'staff' }),
    ...ROOMS.map((room) => ofRoom(app, room, accountIds)),
  ]);
  return { ...made, looks, rows: rows.filter(({ count }) => count > 0) };
}

async function ofRoom(app: App, room: Room, accountIds: readonly string[]): Promise<Held['rows'][number]> {
  const { name, rule } = room;
  const since = 'createdAt' in rule.paths ? 'createdAt' : 'at';
  const until = 'until' in rule.retention ? rule.retention.until : undefined;
  const group = { _id: null, count: { $sum: 1 }, oldest: { $min: `$${since}` }, ...(until && { next: { $min: `$${until}` } }) };
  const [found] = await documentsOf(app, room)
    .aggregate<{ count: number; oldest?: Date | number; next?: Date | null }>([
      { $match: ownedBy(room, { accountIds, keyIds: [] }) },
      { $group: group },
    ])
    .toArray();
  const { count = 0, oldest, next } = found ?? {};
  const about = { name, title: rule.title, class: rule.class };
  return { ...about, count, ...(oldest && { oldest: new Date(oldest) }), ...(next && { next }) };
}

/** 1 where there is such a field. */
const has = (path: string) => ({ $cond: [{ $gt: [path, null] }, 1, 0] });
const lacks = (path: string) => ({ $cond: [{ $gt: [path, null] }, 0, 1] });
const isPicture = { $and: ['$hasImage', { $eq: [lacks('$removed.image'), 1] }] };
const dateIf = (condition: object) => ({ $min: { $cond: [condition, '$createdAt', null] } });

async function ofGenerations(app: App, accountIds: string[]): Promise<Pick<Held, 'prompts' | 'videos' | 'pictures'>> {
  const group: PipelineStage.Group['$group'] = {
    _id: null,
    prompts: { $sum: lacks('$removed.prompt') },
    oldestPrompt: dateIf({ $eq: [lacks('$removed.prompt'), 1] }),
    videos: { $sum: has('$video.size') },
    bytes: { $sum: '$video.size' },
    oldestVideo: dateIf({ $eq: [has('$video.size'), 1] }),
    pictures: { $sum: { $cond: [isPicture, 1, 0] } },
    oldestPicture: dateIf(isPicture),
  };
  const [found] = await app.models.generations.aggregate<Partial<Counted>>([
    { $match: { accountId: { $in: accountIds }, state: { $ne: 'rejected' } } },
    { $group: group },
  ]);
  const { prompts = 0, videos = 0, bytes = 0, pictures = 0, oldestPrompt, oldestVideo, oldestPicture } = found ?? {};
  const next = oldestPicture && new Date(oldestPicture.getTime() + IMAGE_HOURS * 3_600_000);
  return {
    prompts: { count: prompts, ...(oldestPrompt && { oldest: oldestPrompt }) },
    videos: { count: videos, bytes, ...(oldestVideo && { oldest: oldestVideo }) },
    pictures: { count: pictures, ...(oldestPicture && { oldest: oldestPicture }), ...(next && { next }) },
  };
}

interface Counted {
  prompts: number;
  videos: number;
  bytes: number;
  pictures: number;
  oldestPrompt: Date | null;
  oldestVideo: Date | null;
  oldestPicture: Date | null;
}

/** Who handles data for this deployment, as it is set up. */
export const processorsOf = ({ config }: Pick<App, 'config'>): readonly Processor[] =>
  REGISTRY.processors.filter(({ used }) => used({ ...config }));

/** What is under way with a person's data: shown before everything else. */
export async function underWay(app: App, { id }: Pick<Account, 'id'>, at: number) {
  const accountIds = await accountsTogether(app, id);
  const [erasure, archive] = await Promise.all([
    app.models.erasures
      .findOne({ accountIds: { $in: accountIds }, state: { $in: ['waiting', 'running'] } })
      .sort({ createdAt: -1 })
      .lean(),
    app.models.archives
      .findOne({
        accountId: { $in: accountIds },
        state: { $in: ['queued', 'packing', 'packed', 'ready'] },
        expiresAt: { $gt: new Date(at) },
      })
      .sort({ createdAt: -1 })
      .lean(),
  ]);
  return { ...(erasure && { erasure }), ...(archive && { archive }) };
}
