import type { GalleryItem } from '../core/privacy/gallery/seen.ts';

type Shown = Pick<GalleryItem, '_id' | 'seconds' | 'width' | 'height'>;

const CONSENT = 'Every video is shown with the consent of the person who made it, and goes when they withdraw it.';

const secondsOf = ({ seconds }: Shown): string => `${Math.round(seconds)} second${Math.round(seconds) === 1 ? '' : 's'}`;
const sizeOf = ({ width, height }: Shown): string => `width="${Math.round(width)}" height="${Math.round(height)}"`;

/** Stills of what is in the gallery, newest first, with no word of who made it or how. */
export function gridPage(items: readonly Shown[], page: number, isLast: boolean): string {
  const tiles = items.map(
    (item, index) =>
      `<li><a href="/gallery/${item._id}"><img src="/gallery/${item._id}.jpg" alt="Video ${index + 1} on this page, ${secondsOf(item)}" ${sizeOf(item)} loading="lazy"></a></li>`,
  );
  const turns = [
    ...(page > 1 ? [`<a href="/gallery?page=${page - 1}" rel="prev">Newer videos</a>`] : []),
    ...(isLast ? [] : [`<a href="/gallery?page=${page + 1}" rel="next">Older videos</a>`]),
  ];
  return [
    '<h1>Gallery</h1>',
    `<p>Videos made with LPM AI. ${CONSENT}</p>`,
    items.length > 0 ? `<ul class="tiles">\n${tiles.join('\n')}\n</ul>` : '<p>There is no video here at the moment.</p>',
    ...(turns.length > 0 ? [`<nav aria-label="Pages"><p class="note">${turns.join(' · ')}</p></nav>`] : []),
  ].join('\n');
}

/** One video to watch. It begins when the viewer says so. */
export const playerPage = (item: Shown): string =>
  [
    '<h1>A video from the gallery</h1>',
    `<video controls playsinline preload="metadata" ${sizeOf(item)} poster="/gallery/${item._id}.jpg" src="/gallery/${item._id}.mp4" aria-label="Video, ${secondsOf(item)}"></video>`,
    `<p>${secondsOf(item)}. ${CONSENT}</p>`,
    '<p class="note"><a href="/gallery">All videos</a></p>',
  ].join('\n');

/** For every address under which nothing is seen, whatever the reason. */
export const nothingPage = (): string =>
  '<h1>Not in the gallery</h1>\n<p>There is no video at this address (any more). <a href="/gallery">The gallery</a></p>';
