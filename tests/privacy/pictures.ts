import sharp from 'sharp';
import { noise } from './canaries.ts';

/** A picture of noise, which no other picture is like, with words in its metadata. */
export function makePicture(format: 'jpeg' | 'png', { width, height, words }: { width: number; height: number; words: string }) {
  const picture = sharp(noise(width * height * 3), { raw: { width, height, channels: 3 } });
  const IFD0 = { ImageDescription: `${words}Description`, Artist: `${words}Artist`, Copyright: `${words}Copyright` };
  return picture.withExif({ IFD0 }).toFormat(format).toBuffer();
}
