/** The only door to sharp, which decodes pictures of strangers. */
import sharp, { type Sharp } from 'sharp';

// Everything but three loaders stays shut: SVG, GIF, TIFF, PDF and the rest never reach their parsers.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'] });

/** A picture that unfolds to more pixels than this is refused. */
export const MAX_PIXELS = 40_000_000;

/** One still picture, at most 40 million pixels and ten seconds of work; damage is an error, not a grey area. */
export const safely = (bytes: Buffer): Sharp =>
  sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'warning', animated: false }).timeout({ seconds: 10 });

export { sharp };
