import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../core/errors.ts';
import { MAX_IMAGE_BYTES, prepareImage } from '../../../core/media/images.ts';

const plain = (width: number, height: number, background = '#336699') =>
  sharp({ create: { width, height, channels: 3, background } });
const codeOf = (bytes: Buffer) =>
  prepareImage(bytes).then(
    () => 'accepted',
    (error: unknown) => (error instanceof UserError ? error.code : 'not a UserError'),
  );

/** A PNG chunk; sharp checks its sum (CRC-32, ISO 3309). */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  let sum = 0xffffffff;
  for (const byte of body) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  const frame = Buffer.alloc(12 + data.length);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(~sum >>> 0, 8 + data.length);
  return frame;
}

/** Black, one bit a pixel. */
function blackPng(width: number, height: number, ...extra: Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (1 + Math.ceil(width / 8)));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...extra,
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a picture', () => {
  test.each(['jpeg', 'png', 'webp'] as const)('is taken as %s and becomes a JPEG of ours', async (format) => {
    const { jpeg, width, height } = await prepareImage(await plain(300, 200).toFormat(format).toBuffer());
    expect([width, height]).toEqual([300, 200]);
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width: 300, height: 200, space: 'srgb' });
  });

  test('is turned upright, and nothing of its metadata stays', async () => {
    const exif = { IFD0: { Copyright: 'CANARY copyright' }, IFD3: { GPSLatitude: '52/1 31/1 12/1' } };
    const photo = await plain(300, 200)
      .withExif(exif)
      .withMetadata({ orientation: 6 })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">CANARY</x:xmpmeta>')
      .jpeg()
      .toBuffer();
    expect(photo.includes('CANARY')).toBe(true);
    const { jpeg, width, height } = await prepareImage(photo);
    expect([width, height]).toEqual([200, 300]);
    expect(jpeg.includes('CANARY')).toBe(false);
    const { exif: left, xmp, icc, iptc, orientation } = await sharp(jpeg).metadata();
    expect([left, xmp, icc, iptc, orientation]).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  test('is shrunk to 2048 pixels on its longer side', async () => {
    const { width, height } = await prepareImage(await plain(4000, 3000).jpeg().toBuffer());
    expect([width, height]).toEqual([2048, 1536]);
  });

  test('gets white where it was transparent', async () => {
    const clear = await sharp({ create: { width: 100, height: 100, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
      .png()
      .toBuffer();
    const { dominant } = await sharp((await prepareImage(clear)).jpeg).stats();
    expect(Math.min(dominant.r, dominant.g, dominant.b)).toBeGreaterThan(240);
  });
});

describe('what is refused', () => {
  test('a document or a script, whatever its name says', async () => {
    for (const text of [
      '%PDF-1.7\n1 0 obj',
      '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>',
      '<?xml version="1.0"?><svg/>',
      '',
      'RIFF',
    ]) {
      expect(await codeOf(Buffer.from(text))).toBe('not_an_image');
    }
  });

  test.each(['gif', 'tiff', 'avif'] as const)('a %s', async (format) => {
    expect(await codeOf(await plain(100, 100).toFormat(format).toBuffer())).toBe('not_an_image');
  });

  test('an SVG behind the first bytes of a JPEG', async () => {
    const disguised = Buffer.concat([
      Buffer.from([0xff, 0xd8, 0xff]),
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>'),
    ]);
    expect(await codeOf(disguised)).toBe('image_unreadable');
  });

  test('an animation, as WebP and as PNG', async () => {
    const frames = await Promise.all(['#f00', '#00f'].map((colour) => plain(100, 100, colour).png().toBuffer()));
    expect(
      await codeOf(
        await sharp(frames, { join: { animated: true } })
          .webp()
          .toBuffer(),
      ),
    ).toBe('image_animated');
    expect(await codeOf(blackPng(100, 100, chunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]))))).toBe('image_animated');
    expect(await codeOf(blackPng(100, 100))).toBe('accepted');
  });

  test('a bomb of 100 million pixels in a few kilobytes', async () => {
    const bomb = blackPng(10_000, 10_000);
    expect(bomb.length).toBeLessThan(100_000);
    expect(await codeOf(bomb)).toBe('image_too_many_pixels');
  });

  test('a JPEG or PNG that is cut off', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
    const picture = sharp({ create: { width: 400, height: 300, channels: 3, background: '#000', noise } });
    for (const bytes of [await picture.clone().jpeg().toBuffer(), await picture.clone().png().toBuffer()]) {
      expect(await codeOf(bytes)).toBe('accepted');
      expect(await codeOf(bytes.subarray(0, bytes.length / 2))).toBe('image_unreadable');
    }
  });

  test('less than 64 pixels each way, also after shrinking', async () => {
    expect(await codeOf(await plain(63, 300).png().toBuffer())).toBe('image_too_small');
    expect(await codeOf(await plain(64, 64).png().toBuffer())).toBe('accepted');
    expect(await codeOf(await plain(6000, 100).png().toBuffer())).toBe('image_too_small');
  });

  test('more than the limit of bytes', async () => {
    expect(await codeOf(Buffer.alloc(MAX_IMAGE_BYTES + 1))).toBe('image_too_large');
  });

  test('anything broken, always with words for the person that say nothing was charged', async () => {
    const whole = await plain(80, 80).png().toBuffer();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('flip', 'cut'),
        async (at, change, kind) => {
          const broken = kind === 'cut' ? whole.subarray(0, at) : Buffer.from(whole).fill((whole[at] ?? 0) ^ change, at, at + 1);
          const outcome = await prepareImage(broken).catch((error: unknown) => error);
          if (outcome instanceof Error) {
            expect(outcome).toBeInstanceOf(UserError);
            expect(outcome.message).toContain('Nothing was charged.');
          } else expect(outcome).toMatchObject({ width: expect.any(Number) });
        },
      ),
      { numRuns: 60 },
    );
  });
});
