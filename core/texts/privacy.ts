import type { Button, Platform, Reply, Span } from '../chat.ts';
import type { AccessReason, PrivacyAction, PrivacyEvent } from '../privacy/events.ts';
import { sizeOf } from '../privacy/export/html.ts';
import type { Amount, Held, underWay } from '../privacy/held.ts';
import type { Policy } from '../privacy/policies.ts';
import { CONTACT } from '../privacy/policy-texts.ts';
import type { Processor } from '../privacy/registry-types.ts';
import { dayOf } from './policies.ts';

const NAMES: Record<Platform, string> = { discord: 'Discord', telegram: 'Telegram' };

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

export interface PrivacyShown {
  policy: Policy;
  held: Held;
  underWay: Awaited<ReturnType<typeof underWay>>;
  processors: readonly Processor[];
  /** Apps that the person uses it from. */
  platforms: readonly Platform[];
  /** What is known beside the user id: name, language, e-mail address. */
  known: readonly string[];
  unusedMonths: number;
  /** The web page with the whole policy, where there is one. */
  url: string | undefined;
}

/** Everything at a glance: what is held, until when, by whom, and what the person can do about it. */
export function privacyReply(shown: PrivacyShown): Reply {
  const { policy, held, url, unusedMonths } = shown;
  const text: Span[] = [
    { bold: 'Your privacy' },
    ` (policy of ${dayOf(policy.effectiveAt)})\n`,
    ...underWaySpans(shown.underWay),
    'Your words, pictures and videos are sealed with a key of your own. Nothing is sold, and nobody else sees them unless you say so.\n\n',
    { bold: 'What I keep' },
    '\n',
    ...heldSpans(held, shown.known),
    `The rest stays until you delete it, or until you have asked for nothing in ${counted(unusedMonths, 'month')}.\n`,
    held.looks === 0
      ? 'Nobody of our staff has looked at it.'
      : `Our staff has looked at it ${counted(held.looks, 'time')}: see the access log.`,
    '\n\n',
    { bold: 'Who handles it' },
    `\n${processorWords(shown)}`,
  ];
  return { text, buttons: [...BUTTONS, ...(url ? [[{ label: 'The whole policy', url }]] : [])] };
}

const BUTTONS: Button[][] = [
  [
    { label: 'Export', command: 'privacy export', tone: 'primary' },
    { label: 'Delete', command: 'privacy delete', tone: 'danger' },
  ],
  [
    { label: 'Correct', command: 'privacy correct' },
    { label: 'Consents', command: 'privacy consents' },
  ],
  [
    { label: 'Access log', command: 'privacy access' },
    { label: 'Policies', command: 'privacy policies' },
  ],
];

const SCOPES = { video: 'A video', media: 'All your videos and pictures', prompts: 'All your prompts', account: 'Your account' };

function underWaySpans({ erasure, archive }: PrivacyShown['underWay']): Span[] {
  const spans: Span[] = [];
  if (erasure) {
    const { scope, state, dueAt } = erasure;
    const what = `${SCOPES[scope]} ${scope === 'media' || scope === 'prompts' ? 'are' : 'is'}`;
    if (state === 'running') spans.push({ bold: `${what} being deleted at this moment.` }, '\n');
    else
      spans.push(
        { bold: `${what} deleted ` },
        ...(dueAt ? [{ when: dueAt }] : ['soon']),
        '. Until then, Delete takes it back.\n',
      );
  }
  if (archive?.state === 'ready') spans.push({ bold: 'An export is ready' }, ', until ', { when: archive.expiresAt }, '.\n');
  else if (archive) spans.push({ bold: 'An export is being packed' }, packed(archive.files), '\n');
  return spans;
}

const packed = (files?: { packed: number; all: number }): string =>
  files ? `: ${files.packed} of ${counted(files.all, 'file')}.` : '.';

/** One line for each kind that there is something of. */
function heldSpans({ videos, prompts, pictures, rows }: Held, known: readonly string[]): Span[] {
  const lines: Span[][] = [];
  if (known.length > 0) lines.push([`Your ${inWords(known)}, and your settings`]);
  if (prompts.count > 0) lines.push([counted(prompts.count, 'prompt'), ...since(prompts)]);
  if (videos.count > 0) lines.push([`${counted(videos.count, 'video')}, ${sizeOf(videos.bytes)}`, ...since(videos)]);
  if (pictures.count > 0) lines.push([counted(pictures.count, 'picture you sent', 'pictures you sent'), ...leaves(pictures)]);
  for (const row of rows) {
    const words = ROWS[row.name];
    if (words) lines.push([counted(row.count, ...words), ...(row.name === 'payments' ? [', for 10 years'] : leaves(row))]);
  }
  return lines.flatMap((line) => ['• ', ...line, '\n']);
}

const ROWS: { [Name in Held['rows'][number]['name']]?: [one: string, many: string] } = {
  ledgerEntries: ['movement of credits', 'movements of credits'],
  payments: ['payment or order', 'payments and orders'],
  subscriptions: ['plan', 'plans'],
  galleryItems: ['video in the gallery', 'videos in the gallery'],
  consents: ['consent given or taken back', 'consents given or taken back'],
  policyNotices: ['notice of a new policy', 'notices of new policies'],
  newsSent: ['piece of news sent to you', 'pieces of news sent to you'],
  privacyEvents: ['line in your access log', 'lines in your access log'],
  archives: ['export', 'exports'],
  downloads: ['download link', 'download links'],
  erasures: ['deletion you asked about', 'deletions you asked about'],
  linkCodes: ['link between your accounts', 'links between your accounts'],
};

const since = ({ count, oldest }: Amount): Span[] =>
  oldest ? [count === 1 ? ', from ' : ', the oldest from ', { when: oldest }] : [];
const leaves = ({ count, next }: Amount): Span[] =>
  next ? [count === 1 ? ', removed by itself ' : ', the next removed by itself ', { when: next }] : [];

const inWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** Others by name, and what runs here. */
function processorWords({ processors, platforms }: PrivacyShown): string {
  const others = processors
    .filter(({ hosts, where }) => hosts.length > 0 && !where.startsWith('where this service'))
    .map(({ name }) => name);
  const names = [...new Set([...platforms.map((platform) => NAMES[platform]), ...others])];
  return `${inWords(names)}, and this service itself, which makes and stores your videos on its own servers.`;
}

const REASONS: Record<AccessReason, string> = {
  support_request: 'because you asked for help',
  refund: 'for a refund',
  payment_question: 'because of a question about a payment',
  abuse_report: 'because somebody reported abuse',
  legal_duty: 'because the law demanded it',
  quality_review: 'to check quality, as you agreed',
  fault: 'to mend a fault',
};

const ACTIONS: Record<PrivacyAction, string> = {
  looked_at_account: 'your account',
  looked_at_payment: 'a payment',
  looked_at_video: 'a video and its prompt',
  archive_asked: 'You asked for an export',
  archive_fetched: 'An export was fetched',
  archive_removed: 'An export was removed',
  name_corrected: 'Your name was corrected',
  mail_corrected: 'Your e-mail address was changed',
  language_corrected: 'Your language was changed',
  erasure_asked: 'You asked for a deletion',
  erasure_kept: 'You took a deletion back',
  erased: 'Something was deleted as you asked',
};

export interface AccessShown {
  /** Newest first: by staff, and all the rest. */
  looks: readonly PrivacyEvent[];
  requests: readonly PrivacyEvent[];
  page: number;
  hasMore: boolean;
}

/** Every look by staff, and below it what the person asked for. */
export function accessReply({ looks, requests, page, hasMore }: AccessShown): Reply {
  const isFirst = page === 1;
  const staff = looks.flatMap(({ at, role, action, reason }): Span[] => [
    '• ',
    { when: new Date(at) },
    `: ${role ?? 'staff'} looked at ${ACTIONS[action]}${reason ? `, ${REASONS[reason]}` : ''}\n`,
  ]);
  const own = requests.flatMap(({ at, action }): Span[] => ['• ', { when: new Date(at) }, `: ${ACTIONS[action]}\n`]);
  const text: Span[] = [
    { bold: 'Who looked at your data' },
    '\n',
    ...(staff.length > 0 ? staff : [isFirst ? 'Nobody has looked at your data.\n' : 'No more looks.\n']),
    ...(own.length > 0 ? ['\n', { bold: 'What was asked for' }, '\n', ...own] : []),
    ...(isFirst ? [`\nStaff can only look after their role and reason were written here. Questions: ${CONTACT.mail}`] : []),
  ];
  return { text, buttons: [[...turn(page, hasMore), { label: 'What is held', command: 'privacy show' }]] };
}

const turn = (page: number, hasMore: boolean): Button[] => [
  ...(page > 1 ? [{ label: '◀ Newer', command: `privacy access page=${page - 1}` }] : []),
  ...(hasMore ? [{ label: 'Older ▶', command: `privacy access page=${page + 1}` }] : []),
];

/** Before an account that nobody uses is deleted. */
export const unusedReply = (until: Date): Reply => ({
  text: [
    { bold: 'Are you still there?' },
    ' You have not asked for anything in a long time, so your account and everything in it will be deleted ',
    { when: until },
    `, on ${dayOf(until)}. Press the button, or ask for anything, and all of it stays. A copy: /privacy export`,
  ],
  buttons: [[{ label: 'Keep my account', command: 'privacy show', tone: 'primary' }]],
});

export const unusedLetter = (until: Date) => ({
  subject: 'Your LPM AI account will be deleted',
  text: `You have not asked LPM AI for anything in a long time. We keep nothing longer than it is needed, so your account and everything in it will be deleted on ${dayOf(until)}.

To keep it, write anything to the bot, for example /balance. For a copy of your data, write /privacy export there.

If you do not need it any more, you need not do anything.

Questions: ${CONTACT.mail}
`,
});
