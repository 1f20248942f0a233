import { spawn } from 'node:child_process';
import { FfmpegFailed } from '../../media/ffmpeg.ts';
import type { Sound } from './sound.ts';
import { FRAMES_PER_SECOND } from './stage.ts';

/** Stands in the clip's comment: what made it, in words no one can take for a model. */
export const COMMENT = 'local preview renderer: procedural, no AI model';

// Said of the pictures: newer versions of ffmpeg believe them more than the options of the output.
const COLOURS = 'color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv';

export interface Encoder {
  /** `pixels` are width * height * 4 bytes of RGBA; resolves when ffmpeg wants more. */
  write(pixels: Buffer): Promise<void>;
  /** Resolves when the file is complete; throws when ffmpeg ended otherwise than well. */
  end(): Promise<void>;
  kill(): void;
}

/** Raw pictures in, an MP4 (H.264 High, yuv420p, bt709, index first) out. ffmpeg sees nothing but pixels that we drew. */
export function openEncoder(options: { ffmpeg: string; width: number; height: number; sound: Sound; output: string }): Encoder {
  const { ffmpeg, width, height, sound, output } = options;
  const size = `${width}x${height}`;
  const child = spawn(
    ffmpeg,
    [
      ...['-hide_banner', '-loglevel', 'quiet', '-nostdin', '-y', '-filter_threads', '1', '-filter_complex_threads', '1'],
      ...['-protocol_whitelist', 'file,pipe', '-f', 'rawvideo', '-pix_fmt', 'rgba', '-s', size, '-r', `${FRAMES_PER_SECOND}`],
      ...['-i', 'pipe:0', ...sound.inputs],
      ...['-filter_complex', sound.filter, '-map', '0:v', '-map', '[sound]', '-c:a', 'aac', '-b:a', '96k'],
      ...['-vf', `scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setparams=${COLOURS}`],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '22', '-profile:v', 'high', '-threads', '1'],
      ...['-movflags', '+faststart', '-metadata', `comment=${COMMENT}`, '-f', 'mp4', output],
    ],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  // A dead ffmpeg reports itself through its exit code.
  child.stdin.on('error', () => {});
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', () => resolve('not started'));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit ${code}`)));
  });
  return {
    async write(pixels) {
      if (child.stdin.write(pixels)) return;
      await Promise.race([new Promise((resolve) => child.stdin.once('drain', resolve)), ended]);
    },
    async end() {
      child.stdin.end();
      const trouble = await ended;
      if (trouble) throw new FfmpegFailed(trouble);
    },
    kill: () => child.kill('SIGKILL'),
  };
}
