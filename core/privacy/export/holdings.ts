import type { App } from '../../app.ts';
import { accountsTogether } from '../../wallet/wallet.ts';

/** What an archive would hold of the large things. */
export interface Holdings {
  videos: number;
  /** Bytes of the videos. */
  videoBytes: number;
  pictures: number;
  payments: number;
}

/** Counted over every account of the person, as of now. */
export async function holdingsOf(app: App, accountId: string): Promise<Holdings> {
  const { generations, payments } = app.models;
  const own = { accountId: { $in: await accountsTogether(app, accountId) } };
  const one = (condition: object) => ({ $sum: { $cond: [condition, 1, 0] } });
  const isVideo = { $and: [{ $gt: ['$video.size', 0] }, { $not: ['$removed.video'] }] };
  const isPicture = { $and: ['$hasImage', { $ne: ['$state', 'rejected'] }, { $not: ['$removed.image'] }] };
  const [counted] = await generations.aggregate<Omit<Holdings, 'payments'>>([
    { $match: own },
    {
      $group: {
        _id: null,
        videos: one(isVideo),
        videoBytes: { $sum: { $cond: [isVideo, '$video.size', 0] } },
        pictures: one(isPicture),
      },
    },
  ]);
  const { videos = 0, videoBytes = 0, pictures = 0 } = counted ?? {};
  return { videos, videoBytes, pictures, payments: await payments.countDocuments({ ...own, kind: { $ne: 'plan_order' } }) };
}
