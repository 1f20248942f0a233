import type { App } from '../core/app.ts';
import type { Generation } from '../core/generations/generation.ts';
import { putMedia } from '../core/generations/objects.ts';
import { keysOf } from '../core/generations/read.ts';
import { finish, giveUp } from '../core/generations/settle.ts';
import { ringNext } from '../core/generations/turn.ts';
import { makePoster } from '../core/media/poster.ts';
import { probe } from '../core/media/probe.ts';
import type { JobRef } from '../core/providers/provider.ts';

/** Stores the finished video first and takes the credits after, so charged means that we hold it. */
export async function keepVideo(app: App, generation: Generation, job: JobRef): Promise<undefined> {
  const { _id: id } = generation;
  const video = await app.provider.download(job);
  const seen = await probe(video).catch(() => undefined);
  if (!seen) {
    await giveUp(app, generation, 'provider_error');
    return;
  }
  const poster = await makePoster(app.config.ffmpeg, video);
  const keys = await keysOf(app, generation);
  await putMedia(app, keys, 'video', id, video);
  await putMedia(app, keys, 'poster', id, poster);
  const { seconds, width, height } = seen;
  if (await finish(app, generation, { seconds, width, height, size: video.length })) {
    app.log.info('video made', {
      generation: id,
      provider: app.provider.name,
      milliseconds: app.now() - generation.createdAt.getTime(),
    });
    await app.queue.ring('deliver', id);
  }
  await app.provider.forget(job);
  await ringNext(app);
}
