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
