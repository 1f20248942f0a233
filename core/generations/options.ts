import { z } from 'zod';
import type { AspectRatio, Style } from '../providers/provider.ts';

export const STYLES = [
  { value: 'cinematic', label: 'Cinematic' },
  { value: 'neon', label: 'Neon' },
  { value: 'noir', label: 'Noir' },
  { value: 'retro', label: 'Retro' },
  { value: 'natural', label: 'Natural' },
] as const satisfies readonly { value: Style; label: string }[];

export const ASPECT_RATIOS = [
  { value: '16:9', label: 'Wide 16:9' },
  { value: '9:16', label: 'Tall 9:16' },
  { value: '1:1', label: 'Square 1:1' },
  { value: '4:5', label: 'Portrait 4:5' },
] as const satisfies readonly { value: AspectRatio; label: string }[];

export const SECONDS = { min: 2, max: 10 } as const;
/** Characters. */
export const PROMPT_LIMIT = 1_000;
export const DEFAULTS = { style: 'cinematic', aspectRatio: '16:9', seconds: 6 } as const;

/** Credits that a video costs: two for each second, and two more when it starts from a picture. */
export const priceOf = ({ seconds, hasImage }: { seconds: number; hasImage: boolean }): number =>
  2 * seconds + (hasImage ? 2 : 0);

/** A video that costs more credits than this is asked about first, when the person has not set another limit. */
const ASK_ABOVE = 20;

/** Above how many credits this person wants to be asked first. */
export const askAbove = ({ ask = ASK_ABOVE }: { ask?: number }): number => (ask === 0 ? Number.POSITIVE_INFINITY : ask);

/** What a video looks like, whatever it shows. */
export interface Look {
  style: Style;
  aspectRatio: AspectRatio;
  seconds: number;
}

const look = z.object({
  style: z.enum(STYLES.map(({ value }) => value)),
  aspectRatio: z.enum(ASPECT_RATIOS.map(({ value }) => value)),
  seconds: z.number().int().min(SECONDS.min).max(SECONDS.max),
});

/** The look of a stored generation. Throws for one that no version of ours has written. */
export const lookOf = (stored: { style: string; aspectRatio: string; seconds: number }): Look => look.parse(stored);

/** A person's own settings where they hold, ours elsewhere. */
export function favouriteLook(settings: { style?: string; aspectRatio?: string; seconds?: number }): Look {
  const { style, aspectRatio, seconds } = look.partial().catch({}).parse(settings);
  return {
    style: style ?? DEFAULTS.style,
    aspectRatio: aspectRatio ?? DEFAULTS.aspectRatio,
    seconds: seconds ?? DEFAULTS.seconds,
  };
}
