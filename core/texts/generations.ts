import type { GenerationDocument } from '../../models/generation.ts';
import type { Reply, Span, Video } from '../chat.ts';
import { ordinal } from '../generations/line.ts';
import { ASPECT_RATIOS, STYLES } from '../generations/options.ts';
import { about, credits, shorten } from './amounts.ts';
import { reasonOf } from './faults.ts';

/** Characters of a prompt that a message repeats. */
const QUOTED = 300;

const labelOf = (options: readonly { value: string; label: string }[], value: string): string =>
  options.find((option) => option.value === value)?.label ?? value;

/** "Neon · Wide 16:9 · 6 s". */
export const describeLook = ({
  style,
  aspectRatio,
  seconds,
}: Pick<GenerationDocument, 'style' | 'aspectRatio' | 'seconds'>): string =>
  `${labelOf(STYLES, style)} · ${labelOf(ASPECT_RATIOS, aspectRatio)} · ${seconds} s`;

const cancelButton = (id: string) => [[{ label: 'Cancel', command: `cancel id=${id}`, tone: 'danger' as const }]];

export interface Queued {
  generation: GenerationDocument;
  ahead: number;
  estimateSeconds: number;
  available: number;
}

/** Accepted: its place in the line, how long, what was set aside. */
export function queuedReply({ generation, ahead, estimateSeconds, available }: Queued): Reply {
  const place = ahead === 0 ? 'Starting now' : `Queued, ${ordinal(ahead + 1)} in line`;
  return {
    text: [
      { bold: place },
      `, ${about(estimateSeconds)}. ${credits(generation.price)} reserved, ${available} left.\n`,
      describeLook(generation),
    ],
    buttons: cancelButton(generation._id),
    follows: generation._id,
  };
}

/** The price is above what the person wants to be asked about. */
export function askedReply(generation: GenerationDocument, available: number): Reply {
  const { _id, price } = generation;
  return {
    text: [
      { bold: `This video costs ${credits(price)}.` },
      ` You have ${available}. ${describeLook(generation)}\nNothing is reserved until you say yes, which you can for an hour. /settings says above which price I ask.`,
    ],
    buttons: [[{ label: `Make it for ${credits(price)}`, command: `generate confirm=${_id}`, tone: 'primary' }]],
  };
}

/** It takes longer than promised. */
export const lateReply = (generation: GenerationDocument, entry: string | undefined): Reply => ({
  text: [{ bold: 'Still at it. ' }, lateWords(generation), ...(entry ? [` Entry ${entry}.`] : [])],
  buttons: cancelButton(generation._id),
});

const lateWords = ({ price }: GenerationDocument): string =>
  `It is late, so it is free: ${credits(price)} are back, and your video still comes.`;

const BLOCKS = 10;

/** Being made: how far it is, from 0 to 1. */
export function progressReply(generation: GenerationDocument, progress: number): Reply {
  const { _id, price, free } = generation;
  const done = Math.round(progress * BLOCKS);
  return {
    text: [
      { bold: 'Making your video' },
      `  ${'▰'.repeat(done)}${'▱'.repeat(BLOCKS - done)} ${Math.round(progress * 100)} %\n`,
      free ? lateWords(generation) : `${credits(price)} reserved.`,
    ],
    buttons: cancelButton(_id),
  };
}

export interface Delivered {
  generation: GenerationDocument;
  prompt: string;
  available: number;
  label: string;
  video: Video;
}

/** The video, what it cost and what to do next. */
export function deliveredReply({ generation, prompt, available, label, video }: Delivered): Reply {
  return {
    text: [
      { bold: 'Your video is ready.' },
      ...quoted(prompt),
      `${describeLook(generation)}\n${costOf(generation)}, ${available} left.\n${label}.`,
    ],
    buttons: [
      [
        { label: 'Again', command: `generate again=${generation._id}`, tone: 'primary' },
        { label: 'My videos', command: 'videos' },
        { label: 'Balance', command: 'balance' },
      ],
    ],
    video,
  };
}

const costOf = ({ price, free }: GenerationDocument): string =>
  free ? `It was late, so it is free: ${credits(price)} went back` : `${credits(price)} used`;

export interface NotMade {
  generation: GenerationDocument;
  available: number;
  /** Id of the ledger entry that gave the credits back. */
  entry: string | undefined;
}

/** Failed or cancelled: why, and by which entry the credits are back. */
export function failedReply({ generation, available, entry }: NotMade): Reply {
  const { _id, fault, price } = generation;
  const back: Span[] = [
    `${credits(price)} are back, you have ${available}. Nothing was charged.`,
    ...(entry ? [' Entry ', { code: entry }, '.'] : []),
  ];
  if (fault === 'cancelled') return { text: [{ bold: 'Cancelled. ' }, ...back] };
  return {
    text: [{ bold: 'No video this time: ' }, `${reasonOf(fault)}. `, ...back],
    buttons: [[{ label: 'Try again', command: `generate again=${_id}`, tone: 'primary' }]],
  };
}

/** One of the person's videos, shown once more. */
export const replayReply = (generation: GenerationDocument, prompt: string, video: Video): Reply => ({
  text: [...quoted(prompt), `${describeLook(generation)} · made `, { when: generation.createdAt }],
  buttons: [
    [
      { label: 'Again', command: `generate again=${generation._id}`, tone: 'primary' },
      { label: 'Download', command: `videos download=${generation._id}` },
      { label: 'My videos', command: 'videos' },
    ],
  ],
  video,
});

const quoted = (prompt: string): Span[] => (prompt ? [{ quote: shorten(prompt, QUOTED) }] : ['\n']);
