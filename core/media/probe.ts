import { BufferSource, Input, MP4 } from 'mediabunny';
import { pixelFormatOf } from './avc.ts';
import { isFaststart } from './boxes.ts';

export interface Probe {
  seconds: number;
  /** As shown: rotation and pixel shape are already in it. */
  width: number;
  height: number;
  /** `avc`, `hevc`, `vp9`, `av1` … */
  videoCodec: string;
  audioCodec?: string;
  hasAudio: boolean;
  faststart: boolean;
  /** In ffmpeg's words; only H.264 tells. */
  pixelFormat?: string;
}

/** What an MP4 is, read in pure JavaScript; throws for anything that is not an MP4 with a picture track. */
export async function probe(bytes: Buffer): Promise<Probe> {
  const input = new Input({ source: new BufferSource(bytes), formats: [MP4] });
  try {
    const video = await input.getPrimaryVideoTrack();
    const videoCodec = await video?.getCodec();
    if (!video || !videoCodec) throw new Error('the file has no video that can be read');
    const audio = await input.getPrimaryAudioTrack();
    const audioCodec = await audio?.getCodec();
    const record = videoCodec === 'avc' ? (await video.getDecoderConfig())?.description : undefined;
    const pixelFormat = record && pixelFormatOf(bytesOf(record));
    return {
      seconds: await input.computeDuration(),
      width: await video.getDisplayWidth(),
      height: await video.getDisplayHeight(),
      videoCodec,
      ...(audioCodec && { audioCodec }),
      hasAudio: Boolean(audio),
      faststart: isFaststart(bytes),
      ...(pixelFormat && { pixelFormat }),
    };
  } finally {
    input.dispose();
  }
}

const bytesOf = (record: ArrayBufferLike | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(record) ? new Uint8Array(record.buffer, record.byteOffset, record.byteLength) : new Uint8Array(record);
