import { UserError } from '../errors.ts';
import { MAX_PIXELS, safely, sharp } from './decode.ts';
import { isAnimated, kindOf } from './picture-kind.ts';

export const MAX_IMAGE_BYTES = 20_000_000;

const MIN_SIDE = 64;
const MAX_SIDE = 2048;

export interface PreparedImage {
  jpeg: Buffer;
  /** Pixels. */
  width: number;
  height: number;
}

/**
 * A stranger's picture made ours: upright, at most 2048 pixels on its longer side, without metadata, as JPEG. Its own bytes decide
 * what it is, never a name. Throws UserError `image_too_large`, `not_an_image`, `image_animated`, `image_too_many_pixels`,
 * `image_too_small` or `image_unreadable`.
 */
export async function prepareImage(bytes: Buffer): Promise<PreparedImage> {
  if (bytes.length > MAX_IMAGE_BYTES) {
    throw new UserError(
      'image_too_large',
      `That picture is larger than ${MAX_IMAGE_BYTES / 1e6} MB. Send a smaller one. Nothing was charged.`,
    );
  }
  const kind = kindOf(bytes);
  if (!kind) {
    throw new UserError('not_an_image', 'That file is not a picture I can read. Send a JPEG, PNG or WebP. Nothing was charged.');
  }
  if (isAnimated(kind, bytes)) {
    throw new UserError(
      'image_animated',
      'That picture is animated, and I need a still one. Send a JPEG, PNG or WebP. Nothing was charged.',
    );
  }
  await checkSize(bytes);
  const { data, info } = await reading(
    safely(bytes)
      .autoOrient()
      .resize(MAX_SIDE, MAX_SIDE, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .jpeg({ quality: 90 })
      .toBuffer({ resolveWithObject: true }),
  );
  if (Math.min(info.width, info.height) < MIN_SIDE) throw tooSmall();
  return { jpeg: data, width: info.width, height: info.height };
}

/** Reads the header only, so that a bomb is refused before anything unfolds. */
async function checkSize(bytes: Buffer): Promise<void> {
  const { width, height } = await reading(sharp(bytes, { limitInputPixels: false }).metadata());
  if (width * height > MAX_PIXELS) {
    const limit = `${MAX_PIXELS / 1e6} million pixels`;
    throw new UserError(
      'image_too_many_pixels',
      `That picture has more than ${limit}. Make it smaller and send it again. Nothing was charged.`,
    );
  }
  if (Math.min(width, height) < MIN_SIDE) throw tooSmall();
}

async function reading<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch {
    throw new UserError(
      'image_unreadable',
      'That picture is damaged or incomplete. Send it again, or another one. Nothing was charged.',
    );
  }
}

const tooSmall = () =>
  new UserError(
    'image_too_small',
    `That picture is too small or too narrow: I need ${MIN_SIDE} pixels each way. Send a larger one. Nothing was charged.`,
  );
