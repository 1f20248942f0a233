/** Text on the pictures, in a font that comes along: a container may have none. */
import { createRequire } from 'node:module';
import { GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';

const require = createRequire(import.meta.url);
const SUBSETS = ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'greek-ext', 'vietnamese'] as const;
const RANGES = rangesOf(require('@fontsource/inter/unicode.json') as Record<string, string>);

for (const subset of SUBSETS) {
  GlobalFonts.registerFromPath(require.resolve(`@fontsource/inter/files/inter-${subset}-600-normal.woff2`), `Caption ${subset}`);
}

/** The canvas font of a size in pixels; each script has its own file. */
export const captionFont = (pixels: number): string => `${pixels}px ${SUBSETS.map((subset) => `"Caption ${subset}"`).join(', ')}`;

/** At most two lines that fit; none when the font lacks one of the letters, as with CJK and emoji. */
export function captionLines(g: SKRSContext2D, prompt: string, maxWidth: number): string[] {
  const words = prompt
    .normalize('NFC')
    .replace(/\p{Cc}/gu, ' ')
    .split(/\s+/)
    .filter(Boolean);
  if (!words.every(isDrawable)) return [];
  const fits = (text: string) => g.measureText(text).width <= maxWidth;
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line ? `${line} ${word}` : word;
    if (!line || fits(longer)) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  if (line) lines.push(line);
  const [first, second, ...rest] = lines;
  if (first === undefined) return [];
  if (second === undefined) return [shortened(first, fits)];
  return [shortened(first, fits), rest.length > 0 ? shortened(`${second} …`, fits) : shortened(second, fits)];
}

function shortened(line: string, fits: (text: string) => boolean): string {
  if (fits(line)) return line;
  let letters = [...line.replace(/ ?…$/, '')];
  while (letters.length > 0 && !fits(`${letters.join('')}…`)) letters = letters.slice(0, -1);
  return `${letters.join('')}…`;
}

const isDrawable = (word: string) =>
  !/\p{Cf}/u.test(word) &&
  [...word].every((letter) =>
    RANGES.some(([from, to]) => (letter.codePointAt(0) ?? 0) >= from && (letter.codePointAt(0) ?? 0) <= to),
  );

function rangesOf(listed: Record<string, string>): (readonly [from: number, to: number])[] {
  return Object.values(listed)
    .flatMap((ranges) => ranges.split(','))
    .map((range) => {
      const [from = '', to = from] = range.replace('U+', '').split('-');
      return [Number.parseInt(from, 16), Number.parseInt(to, 16)] as const;
    });
}
