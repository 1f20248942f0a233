import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

interface Sample {
  size?: string;
  seconds?: number;
  sound?: boolean;
  pixelFormat?: string;
  faststart?: boolean;
  /** Something that compresses badly. */
  noisy?: boolean;
}

/** A video that stands for a provider's. */
export async function sampleVideo(ffmpeg: string, wish: Sample = {}): Promise<Buffer> {
  const { size = '320x180', seconds = 1, sound = true, pixelFormat = 'yuv420p', faststart = true, noisy = false } = wish;
  const directory = await mkdtemp(path.join(os.tmpdir(), 'sample-'));
  try {
    const file = path.join(directory, 'sample.mp4');
    await promisify(execFile)(ffmpeg, [
      ...[
        '-nostdin',
        '-loglevel',
        'error',
        '-f',
        'lavfi',
        '-i',
        `testsrc2=s=${size}:r=24:d=${seconds}${noisy ? ',noise=alls=60:allf=t' : ''}`,
      ],
      ...(sound ? ['-f', 'lavfi', '-i', `sine=d=${seconds}`, '-c:a', 'aac'] : []),
      ...[
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-crf',
        noisy ? '12' : '30',
        '-pix_fmt',
        pixelFormat,
        '-metadata',
        'comment=a comment',
      ],
      ...[...(faststart ? ['-movflags', '+faststart'] : []), file],
    ]);
    return await readFile(file);
  } finally {
    await rm(directory, { recursive: true });
  }
}
