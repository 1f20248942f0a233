import type { Attachment, Button, Reply, Span } from '../chat.ts';
import { beginsAt, type Erasure, type ErasureScope, type Plan } from '../privacy/erasures.ts';
import { credits } from './amounts.ts';

const count = (amount: number, one: string, many = `${one}s`): string => `${amount} ${amount === 1 ? one : many}`;

const WHAT: Record<ErasureScope, string> = {
  video: 'this video',
  media: 'all videos and pictures',
  prompts: 'all prompts',
  account: 'my account',
};
const YOURS: Record<ErasureScope, string> = { ...WHAT, account: 'your account' };

const menuButton = (label: string, scope: ErasureScope): Button => ({ label, command: `privacy delete scope=${scope}` });

/** What can be deleted; what waits for its time already comes first. */
export function choiceReply(waiting: readonly Erasure[]): Reply {
  const due = waiting.flatMap((erasure): Span[] => [
    `On its way: ${YOURS[erasure.scope]} will be deleted `,
    { when: beginsAt(erasure) },
    '.\n',
  ]);
  return {
    text: [
      { bold: 'What shall I delete?' },
      '\n',
      ...due,
      'You are shown what goes and what stays before anything happens, and asked twice.',
    ],
    buttons: [
      ...waiting.map(({ _id, scope }) => [keepButton(_id, `Keep ${YOURS[scope]}`)]),
      [menuButton('One video', 'video'), menuButton('All videos and pictures', 'media')],
      [menuButton('Prompts', 'prompts'), menuButton('My account', 'account')],
    ],
  };
}

/** What goes, what stays and why, and what becomes of credits and plans: nothing has happened yet. */
export function planReply({ _id: id, scope }: Erasure, plan: Plan): Reply {
  return {
    text: [{ bold: `Delete ${YOURS[scope]}?` }, '\n', ...(scope === 'account' ? accountWords(plan) : [partWords(scope, plan)])],
    buttons: [
      [
        { label: 'In 72 hours', command: `privacy delete later=${id}`, tone: 'primary' },
        { label: 'Now', command: `privacy delete now=${id}`, tone: 'danger' },
        { label: 'Leave it', command: `privacy delete leave=${id}` },
      ],
    ],
  };
}

/** "3 videos, 1 picture". */
function listOf({ videos, pictures, prompts, gallery, archives }: Plan): string {
  const parts = [
    videos > 0 && count(videos, 'video'),
    pictures > 0 && count(pictures, 'picture'),
    prompts > 0 && count(prompts, 'prompt'),
    gallery > 0 && count(gallery, 'video in the public gallery', 'videos in the public gallery'),
    archives > 0 && count(archives, 'export'),
  ];
  return parts.filter((part) => part !== false).join(', ') || 'nothing is stored of it any more';
}

const running = (plan: Plan): string =>
  plan.running > 0 ? ` ${count(plan.running, 'video')} being made will be stopped, and what it reserved comes back.` : '';

function partWords(scope: ErasureScope, plan: Plan): string {
  const chats = scope === 'prompts' ? '' : `\nIn the chats: ${chatWords(plan)}`;
  const stays = scope === 'media' ? 'Your prompts stay, and ' : scope === 'prompts' ? 'Your videos stay, and ' : '';
  return `Goes: ${listOf(plan)}.${running(plan)}${chats}\nStays: ${stays}the amounts of credits in your history, which shows the rest as deleted.`;
}

const chatWords = ({ messages }: Plan): string =>
  messages > 0
    ? `I take back my ${count(messages, 'message')} where the platform lets me, on Telegram within 48 hours. Copies that you or others made I cannot reach.`
    : 'copies there I cannot remove; you can.';

function accountWords(plan: Plan): Span[] {
  const { accounts, payments, paymentsUntil } = plan;
  return [
    ...(accounts > 1
      ? ['Both linked accounts, on Discord and Telegram, go together. To keep one, separate them first with /unlink.\n']
      : []),
    `Goes for good: your name, settings, consents, history and log, and ${listOf(plan)}.${running(plan)}\n`,
    creditWords(plan),
    planWords(plan),
    `In the chats: ${chatWords(plan)}\n`,
    { bold: 'Stays' },
    ': ',
    ...(payments > 0
      ? [
          `${count(payments, 'payment')} for the tax office until `,
          { when: paymentsUntil },
          ', without your name, under a random number; ',
        ]
      : []),
    'for 180 days a fingerprint, so that welcome credits are not given twice; the random number of the account, so that no backup brings it back.',
  ];
}

function creditWords({ credits: { all, paid } }: Plan): string {
  if (all === 0) return 'You have no credits left that would end.\n';
  const bought = paid > 0 ? `, ${paid} of them paid for. If you want that money back, write to /paysupport first` : '';
  return `${credits(all)} end with the account${bought}.\n`;
}

function planWords({ plans }: Plan): string {
  const ended = plans.some((rail) => rail !== 'discord') ? 'Your plan is ended first, so that nothing renews.\n' : '';
  const discord = plans.includes('discord')
    ? 'Your plan on Discord only you can end: Discord’s User Settings → Subscriptions. Please do that first.\n'
    : '';
  return ended + discord;
}

/** The second question. */
export function doubtReply({ _id: id, scope }: Erasure, when: 'later' | 'now'): Reply {
  const how =
    when === 'now'
      ? 'It begins at once and cannot be undone: nobody, we included, can bring it back.'
      : `It happens in 72 hours, and until then you can change your mind.${scope === 'account' ? ' Meanwhile nothing new is made.' : ''}`;
  return {
    text: [{ bold: `Are you sure? Delete ${YOURS[scope]}?` }, ` ${how}`],
    buttons: [
      [
        { label: `Yes, delete ${WHAT[scope]}`, command: `privacy delete sure=${id} when=${when}`, tone: 'danger' },
        { label: 'No', command: `privacy delete leave=${id}` },
      ],
    ],
  };
}

const keepButton = (id: string, label = 'Keep it'): Button => ({
  label,
  command: `privacy delete keep=${id}`,
  tone: 'primary',
});

/** It waits for its time. */
export const waitingReply = (erasure: Erasure): Reply => ({
  text: [
    { bold: `I delete ${YOURS[erasure.scope]} ` },
    { when: beginsAt(erasure) },
    '. Until then you can change your mind. A receipt comes here when it is done.',
  ],
  buttons: [[keepButton(erasure._id), { label: 'Delete now', command: `privacy delete now=${erasure._id}`, tone: 'danger' }]],
  follows: erasure._id,
});

export const begunReply = ({ _id, scope, state }: Erasure): Reply => ({
  text: [
    state === 'done'
      ? `${capital(YOURS[scope])}: deleted.`
      : `I am deleting ${YOURS[scope]}. It takes a minute or two, and a receipt comes here when it is done.`,
  ],
  follows: _id,
});

export const keptReply = ({ scope }: Erasure): Reply => ({
  text: [{ bold: 'Everything stays.' }, ` Nothing was deleted: ${YOURS[scope]} is as it was.`],
});

/** One page of videos, each with a button that asks what its deletion would do. `titles` are what the person knows them by. */
export function videosReply({
  titles,
  page,
  isLast,
}: {
  titles: readonly { id: string; title: string; at: Date }[];
  page: number;
  isLast: boolean;
}): Reply {
  if (titles.length === 0)
    return { text: [page > 1 ? 'There is nothing on this page.' : 'There is no video that could be deleted.'] };
  const turn: Button[] = [
    ...(page > 1 ? [{ label: 'Newer', command: `privacy delete scope=video page=${page - 1}` }] : []),
    ...(isLast ? [] : [{ label: 'Older', command: `privacy delete scope=video page=${page + 1}` }]),
  ];
  return {
    text: [
      { bold: 'Which video?' },
      '\n',
      ...titles.flatMap(({ title, at }, index): Span[] => [{ bold: `${index + 1}. ` }, `${title}, `, { when: at }, '\n']),
    ],
    buttons: [
      titles.map(({ id }, index): Button => ({ label: `Delete ${index + 1}`, command: `privacy delete video=${id}` })),
      turn,
    ].filter((row) => row.length > 0),
  };
}

/** It is done: what went, what stays, and the receipt as a file. */
export function erasedReply({ scope, counts, kept, answers }: Erasure, { file, url }: { file: Attachment; url?: string }): Reply {
  const went = counts.filter(({ name }) => GONE[name]).map(({ name, count: amount }) => count(amount, ...(GONE[name] ?? [name])));
  return {
    text: [
      { bold: `Deleted: ${YOURS[scope]}.` },
      `${went.length > 0 ? ` Gone: ${went.join(', ')}.` : ''}\n`,
      ...kept.flatMap(({ what, ground, until }): Span[] => [
        `Stays: ${what} (${ground})`,
        ...(until ? [', until ', { when: until }] : []),
        '.\n',
      ]),
      ...answers.map(({ processor, answer }) => `${processor}: ${answer}.\n`),
      'The file is your receipt. It is signed, and says nothing of you.',
    ],
    ...(url && { buttons: [[{ label: 'Check a receipt', url }]] }),
    file,
  };
}

const GONE: Record<string, readonly [string, string?]> = {
  videos: ['video'],
  pictures: ['picture'],
  prompts: ['prompt'],
  messages: ['message in the chats', 'messages in the chats'],
  gallery: ['video in the gallery', 'videos in the gallery'],
  archives: ['export'],
  credits: ['credit'],
};

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
