/** The process that makes one clip: it gets its request as a message, so that no word of it stands in its arguments, and ends with its parent. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { markVideo } from '../../media/mark.ts';
import type { RenderJob, RenderNews } from './child.ts';
import { type Encoder, openEncoder } from './encode.ts';
import { createClip } from './frames.ts';

const NEWS_EVERY_FRAMES = 6;

let encoder: Encoder | undefined;
let unfinished: string | undefined;

process.once('message', (message: unknown) => {
  // Comes from child.ts and from nobody else.
  render(message as RenderJob).then(
    () => process.disconnect(),
    async (error: unknown) => {
      await cleanUp();
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      process.exitCode = 1;
      tell({ failed: error instanceof Error ? error.name : typeof error, ...(code && { code }) }, () => process.disconnect());
    },
  );
});

// The parent is gone, or this process has disconnected itself at its end and there is nothing left to clean.
process.once('disconnect', async () => {
  await cleanUp();
  process.exit();
});

async function render(job: RenderJob): Promise<void> {
  const { ffmpeg, output, quality, request } = job;
  const clip = await createClip({ ...request, image: request.image && Buffer.from(request.image) }, quality);
  unfinished = `${output}.part`;
  encoder = openEncoder({ ffmpeg, width: clip.width, height: clip.height, sound: clip.sound, output: unfinished });
  for (let i = 0; i < clip.count; i++) {
    // Skia draws lazily: the work happens in data(). Copied, because the canvas is drawn on again while ffmpeg still reads.
    await encoder.write(Buffer.from(clip.draw(i).data()));
    if (i % NEWS_EVERY_FRAMES === 0) tell({ frame: i, frames: clip.count });
  }
  await encoder.end();
  await writeFile(unfinished, markVideo(await readFile(unfinished), request.image ? 'localFromImage' : 'local'));
  await rename(unfinished, output);
  unfinished = undefined;
}

async function cleanUp(): Promise<void> {
  encoder?.kill();
  if (unfinished) await rm(unfinished, { force: true });
}

function tell(news: RenderNews, told: () => void = () => {}): void {
  if (process.connected) process.send?.(news, told);
}
