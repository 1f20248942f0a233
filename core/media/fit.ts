import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { asFile, readMp4, runFfmpeg } from './ffmpeg.ts';
import { copyMark } from './mark.ts';
import { type Probe, probe } from './probe.ts';

const AUDIO_BITS = 96_000;
const MOST_TRIES = 3;
/** Part of the limit that the streams may take; the container needs the rest. */
const MARGIN = 0.93;
/** From this many video bits per second on, a shorter side of so many pixels is worth it. */
const LADDER = [
  { bits: 2.2e6, side: 1080 },
  { bits: 1.1e6, side: 720 },
  { bits: 5e5, side: 480 },
  { bits: 0, side: 360 },
];

/** Three tries did not bring the video below the limit. */
export class DoesNotFit extends Error {
  override readonly name = 'DoesNotFit';
}

/** The video itself when it is small enough, else a re-encoded one of at most `limitBytes`; keeps index first and the mark. Throws DoesNotFit. */
export async function fitToLimit(ffmpeg: string, video: Buffer, limitBytes: number): Promise<Buffer> {
  if (video.length <= limitBytes) return video;
  const seen = await probe(video);
  return asFile(video, async (file, directory) => {
    let margin = MARGIN;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const bits = Math.floor((limitBytes * 8 * margin) / seen.seconds - (seen.hasAudio ? AUDIO_BITS : 0));
      if (bits <= 0) break;
      const output = path.join(directory, `${tries}.mp4`);
      await runFfmpeg(ffmpeg, [...readMp4(file), ...encodingOf(seen, bits), output]);
      const smaller = copyMark(video, await readFile(output));
      if (smaller.length <= limitBytes) return smaller;
      margin *= (limitBytes / smaller.length) * 0.95;
    }
    throw new DoesNotFit(`not below ${limitBytes} bytes`);
  });
}

function encodingOf({ width, height }: Probe, bits: number): string[] {
  const side = Math.min(width, height, LADDER.find((step) => bits > step.bits)?.side ?? 360);
  const even = side - (side % 2);
  return [
    ...['-map', '0:v:0', '-map', '0:a:0?', '-vf', width >= height ? `scale=-2:${even}` : `scale=${even}:-2`],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-threads', '1', '-pix_fmt', 'yuv420p', '-profile:v', 'high'],
    ...['-b:v', `${bits}`, '-maxrate', `${Math.floor(bits * 1.4)}`, '-bufsize', `${bits * 2}`],
    ...['-c:a', 'aac', '-b:a', `${AUDIO_BITS}`, '-map_metadata', '0', '-movflags', '+faststart', '-f', 'mp4'],
  ];
}
