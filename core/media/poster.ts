import { asFile, readMp4, runFfmpeg } from './ffmpeg.ts';
import { probe } from './probe.ts';

/** Pixels of the longer side: Telegram takes thumbnails up to 320 and 200 kB. */
const SIDE = 320;

/** A JPEG from the middle of the video, the most typical of a second. Throws when the video cannot be read. */
export async function makePoster(ffmpeg: string, video: Buffer): Promise<Buffer> {
  const { seconds } = await probe(video);
  return asFile(video, async (file) => {
    const shape = `scale=w=${SIDE}:h=${SIDE}:force_original_aspect_ratio=decrease:force_divisible_by=2:out_range=pc`;
    const poster = await runFfmpeg(ffmpeg, [
      ...['-ss', (seconds / 2).toFixed(2), ...readMp4(file), '-map', '0:v:0', '-vf', `thumbnail=24,${shape},format=yuvj420p`],
      ...['-frames:v', '1', '-c:v', 'mjpeg', '-q:v', '4', '-threads', '1', '-map_metadata', '-1', '-f', 'image2pipe', 'pipe:1'],
    ]);
    if (poster.length === 0) throw new Error('the video has no picture in its middle');
    return poster;
  });
}
