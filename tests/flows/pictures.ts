import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import type { Picture } from '../../simulator/person.ts';

/** A picture that can be made a video of. */
export async function goodPicture(): Promise<Picture> {
  const create = { width: 320, height: 240, channels: 3, background: '#a40' } as const;
  return { name: 'photo.png', data: await sharp({ create }).png().toBuffer() };
}

/** What people send by mistake or on purpose, and no video can be made of. */
export const badPictures = {
  /** Its name says picture, its bytes say something else. */
  disguised: { name: 'plan.png', data: Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n') },
  /** 100 million pixels in few bytes. */
  bomb: { name: 'bomb.png', data: blackPng(10_000, 10_000) },
  /** 21 MB. */
  heavy: { name: 'heavy.png', data: Buffer.concat([blackPng(640, 480), Buffer.alloc(21_000_000)]) },
  tiny: { name: 'tiny.png', data: blackPng(16, 16) },
  /** Cut off in the middle. */
  broken: { name: 'broken.png', data: blackPng(640, 480).subarray(0, 60) },
} satisfies Record<string, Picture>;

/** One bit a pixel. */
function blackPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
