/** From words to a scene. No model: word lists decide the scene, the time of day, the weather, a colour and up to two subjects. */
import { createRequire } from 'node:module';
import type { Style } from '../provider.ts';
import type { Colour } from './colour.ts';
import { seeded } from './maths.ts';
import {
  HUES,
  NOT_SUBJECTS,
  SCENES,
  type Scene,
  SYNONYMS,
  TIMES,
  type TimeOfDay,
  WEATHERS,
  type Weather,
  type WordTable,
} from './words.ts';

/** Microsoft's flat Fluent emoji, by name. */
const { icons } = createRequire(import.meta.url)('@iconify-json/fluent-emoji-flat/icons.json') as {
  icons: Record<string, { body: string }>;
};

export interface Palette {
  sky: Colour;
  /** The sky just above the horizon. */
  low: Colour;
  /** Sun, moon and lamps. */
  glow: Colour;
  land: Colour;
}

export interface Plan {
  prompt: string;
  style: Style;
  seed: number;
  scene: Scene;
  time: TimeOfDay;
  weather: Weather | undefined;
  /** The hue that the prompt names, in degrees. */
  hue: number | undefined;
  palette: Palette;
  /** Names of icons, at most two. */
  subjects: string[];
}

const PALETTES: Readonly<Record<TimeOfDay, Palette>> = {
  night: { sky: [232, 70, 7], low: [265, 60, 24], glow: [290, 80, 60], land: [240, 45, 12] },
  dusk: { sky: [255, 50, 20], low: [12, 90, 62], glow: [38, 100, 66], land: [285, 40, 16] },
  dawn: { sky: [215, 55, 45], low: [345, 75, 80], glow: [45, 100, 78], land: [235, 32, 32] },
  day: { sky: [212, 75, 52], low: [195, 70, 85], glow: [50, 100, 85], land: [150, 35, 28] },
};

/** The same words, style and seed make the same plan. */
export function planScene(prompt: string, style: Style, seed: number): Plan {
  const random = seeded(`${prompt}|${seed}`);
  const anyTime: TimeOfDay = (['dusk', 'night', 'dawn'] as const)[Math.floor(random() * 3)] ?? 'dusk';
  const jitter = (random() - 0.5) * 24;
  const scene = firstMentioned(prompt, SCENES) ?? 'flow';
  const time = firstMentioned(prompt, TIMES) ?? (scene === 'space' ? 'night' : anyTime);
  const weather = firstMentioned(prompt, WEATHERS) ?? (scene === 'forest' ? 'fireflies' : undefined);
  const hue = Object.entries(HUES).find(([name]) => mentions(prompt, [name]))?.[1];

  const { sky, low, glow, land } = PALETTES[time];
  const tinted = ([own, saturation, lightness]: Colour, shift: number): Colour => [
    hue === undefined ? own + jitter : hue + shift,
    saturation,
    lightness,
  ];
  const palette = {
    sky: tinted(sky, 30 + jitter),
    low: tinted(low, jitter / 2),
    glow: tinted(glow, jitter / 2),
    land: tinted(land, 15),
  };
  return { prompt, style, seed, scene, time, weather, hue, palette, subjects: subjectsOf(prompt) };
}

/** The SVG drawing of an icon on a square of 32 by 32. */
export const drawingOf = (icon: string): string => icons[icon]?.body ?? '';

function subjectsOf(prompt: string): string[] {
  const words = prompt
    .toLowerCase()
    .replace(/[^\p{L}\s-]/gu, '')
    .split(/\s+/);
  const found = words.flatMap((word, i) => {
    const candidates = [words.slice(i, i + 2).join('-'), word, word.replace(/s$/, '')];
    const known = candidates
      .filter((candidate) => !NOT_SUBJECTS.has(candidate))
      .map((candidate) => SYNONYMS[candidate] ?? candidate);
    return known.find((name) => Object.hasOwn(icons, name)) ?? [];
  });
  return [...new Set(found)].slice(0, 2);
}

const mentions = (prompt: string, words: readonly string[]) =>
  new RegExp(`(?<!\\p{L})(${words.join('|')})(s|es|y|ing)?(?!\\p{L})`, 'iu').test(prompt);

const firstMentioned = <Name extends string>(prompt: string, table: WordTable<Name>): Name | undefined =>
  table.find(([, words]) => mentions(prompt, words))?.[0];
