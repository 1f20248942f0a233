/** What the first bytes of a picture say: its format, and its size in pixels. */
export interface PictureSize {
  format: 'jpeg' | 'png' | 'webp';
  width: number;
  height: number;
}

/** Reads JPEG, PNG and WebP headers; undefined for anything else. */
export function measure(data: Buffer): PictureSize | undefined {
  try {
    if (data.readUInt32BE(0) === 0x89504e47)
      return { format: 'png', width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
    if (data.readUInt16BE(0) === 0xffd8) return measureJpeg(data);
    if (data.toString('latin1', 0, 4) === 'RIFF' && data.toString('latin1', 8, 12) === 'WEBP') return measureWebp(data);
  } catch (error) {
    // Cut off in the middle of its header.
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

function measureJpeg(data: Buffer): PictureSize | undefined {
  let at = 2;
  while (data.readUInt8(at) === 0xff) {
    const marker = data.readUInt8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { format: 'jpeg', height: data.readUInt16BE(at + 5), width: data.readUInt16BE(at + 7) };
    at += marker === 0xff ? 1 : 2 + data.readUInt16BE(at + 2);
  }
  return undefined;
}

function measureWebp(data: Buffer): PictureSize | undefined {
  const chunk = data.toString('latin1', 12, 16);
  if (chunk === 'VP8X') return { format: 'webp', width: data.readUIntLE(24, 3) + 1, height: data.readUIntLE(27, 3) + 1 };
  if (chunk === 'VP8 ') return { format: 'webp', width: data.readUInt16LE(26) & 0x3fff, height: data.readUInt16LE(28) & 0x3fff };
  if (chunk !== 'VP8L') return undefined;
  const bits = data.readUInt32LE(21);
  return { format: 'webp', width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

const MIME: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  json: 'application/json',
  txt: 'text/plain',
  zip: 'application/zip',
};

/** The type a client states for a file: it goes by the name, not by the bytes. */
export const mimeOf = (name: string): string => MIME[extension(name)] ?? 'application/octet-stream';

/** Lower case, without the dot; empty when there is none. */
export const extension = (name: string): string => /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? '';
