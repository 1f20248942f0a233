import type { Button, Reply, Span } from '../chat.ts';
import type { Purpose } from '../privacy/consents.ts';

/** What a withdrawal is written down with. */
export const WITHDRAWAL_WORDS = 'I no longer agree.';

/** The very words that are agreed to. They are stored as shown: other words are another question, and what was agreed to before stays as it was. */
export const CONSENT_WORDS: Record<Purpose, string> = {
  gallery:
    'I agree that LPM AI shows this one video in its public web gallery, where everybody can watch it. Only the video is shown: not my name, not my prompt. This is my free choice and nothing else depends on it. I can take it back at any time with one tap, and then the video is gone from the gallery at once.',
  marketing:
    'I agree that LPM AI sends me news about new features and offers: in my Telegram chat with the bot, and by e-mail where I have confirmed an address. Never by Discord message. This is my free choice and nothing else depends on it. I can take it back at any time with one tap, and each message says how.',
  improvement:
    'I agree that staff of LPM AI look at videos of mine and at the prompts behind them, to judge how good they are and to make the service better. Nothing of it is published, passed on or used to train a model, and each look stands in my access log. This is my free choice and nothing else depends on it. I can take it back at any time with one tap.',
};

const NAMES: Record<Purpose, string> = {
  gallery: 'Public gallery',
  marketing: 'News',
  improvement: 'Quality review',
};

const back: Button[] = [
  { label: 'Consents', command: 'privacy consents' },
  { label: 'Privacy', command: 'privacy' },
];

export interface ConsentsShown {
  /** When it was agreed to, in milliseconds since the epoch; absent: it is off. */
  marketing?: number | undefined;
  improvement?: number | undefined;
  /** How many videos are agreed to be shown. */
  gallery: number;
}

/** Each consent with its state and its button. */
export function consentsReply({ marketing, improvement, gallery }: ConsentsShown): Reply {
  const state = (at: number | undefined): Span[] => (at === undefined ? ['off'] : ['on since ', { when: new Date(at) }]);
  const toggle = (purpose: 'marketing' | 'improvement', at: number | undefined): Button =>
    at === undefined
      ? { label: `${NAMES[purpose]}: read and decide`, command: `privacy consents grant=${purpose}` }
      : { label: `${NAMES[purpose]}: withdraw`, command: `privacy consents withdraw=${purpose}` };
  return {
    text: [
      { bold: 'Your consents' },
      '\nEach is your free choice and off until you agree. One tap withdraws it, and it has ended before I answer.\n',
      { bold: NAMES.gallery },
      `, each video on its own: ${gallery === 0 ? 'no video is shown' : `${gallery} shown`}\n`,
      { bold: NAMES.marketing },
      ' about features and offers: ',
      ...state(marketing),
      '\n',
      { bold: NAMES.improvement },
      ' of your videos and prompts by our staff: ',
      ...state(improvement),
    ],
    buttons: [
      [{ label: 'Videos in the gallery', command: 'privacy consents page=1' }],
      [toggle('marketing', marketing)],
      [toggle('improvement', improvement)],
      [{ label: 'Privacy', command: 'privacy' }],
    ],
  };
}

/** The words, and the question. `agree` is what the yes sends. */
export const questionReply = (purpose: Purpose, about: Span[], agree: string): Reply => ({
  text: [{ bold: NAMES[purpose] }, '\n', ...about, { quote: CONSENT_WORDS[purpose] }],
  buttons: [
    [
      { label: 'I agree', command: agree },
      { label: 'No', command: purpose === 'gallery' ? 'privacy consents page=1' : 'privacy consents' },
    ],
  ],
});

/** News could reach nobody: on Discord alone there is no way for it. */
export const addressNeededReply = (): Reply => ({
  text: [
    { bold: NAMES.marketing },
    '\nI never send news as Discord messages, so I need an e-mail address of yours first. Nothing was changed. After adding one, come back here.',
  ],
  buttons: [[{ label: 'Add an address', command: 'privacy correct field=mail' }, ...back.slice(0, 1)]],
});

export const agreedReply = (purpose: 'marketing' | 'improvement'): Reply => ({
  text: [{ bold: `${NAMES[purpose]}: on.` }, ' Thank you. You can withdraw it at any time.'],
  buttons: [[{ label: 'Withdraw', command: `privacy consents withdraw=${purpose}` }], back],
});

export const withdrawnReply = (purpose: 'marketing' | 'improvement'): Reply => ({
  text: [{ bold: `${NAMES[purpose]}: off.` }, ' Your consent has ended, and nothing happens on its ground from now on.'],
  buttons: [back],
});

export const sharedReply = (id: string, url: string | undefined): Reply => ({
  text: [
    { bold: 'Going into the gallery.' },
    ' It is there in a moment',
    ...(url ? [`: ${url}`] : []),
    '. Only the video is shown, without your name or your prompt.',
  ],
  buttons: [
    [
      { label: 'Take it out', command: `privacy consents hide=${id}`, tone: 'danger' },
      { label: 'My videos in the gallery', command: 'privacy consents page=1' },
    ],
  ],
});

export const hiddenReply = (): Reply => ({
  text: [{ bold: 'Taken out.' }, ' The video is not in the gallery any more, and its copy there is removed.'],
  buttons: [[{ label: 'My videos in the gallery', command: 'privacy consents page=1' }], back],
});

export interface VideoShown {
  id: string;
  /** Its number in the list. */
  number: number;
  title: string;
  granted: boolean;
}

/** The newest videos, each with the way into the gallery or out of it. */
export function galleryListReply(videos: readonly VideoShown[], page: number, hasMore: boolean): Reply {
  const turn: Button[] = [
    ...(page > 1 ? [{ label: 'Newer', command: `privacy consents page=${page - 1}` }] : []),
    ...(hasMore ? [{ label: 'Older', command: `privacy consents page=${page + 1}` }] : []),
  ];
  const buttons = videos.map(({ id, number, granted }): Button[] => [
    granted
      ? { label: `${number}. Take out`, command: `privacy consents hide=${id}` }
      : { label: `${number}. Show in gallery`, command: `privacy consents gallery=${id}` },
  ]);
  const lines = videos.map(({ number, title, granted }) => `${number}. ${title}: ${granted ? 'in the gallery' : 'private'}\n`);
  return {
    text: [
      { bold: 'Your videos and the public gallery' },
      '\nA video is private unless you agree to show it, each on its own.\n',
      ...(videos.length > 0 ? lines : ['There is no video on this page that could be shown.']),
    ],
    buttons: [...buttons, [...turn, ...back.slice(0, 1)]],
  };
}
