import type { ArchiveDocument as Archive } from '../../models/archive.ts';
import type { Attachment, Button, Reply, Span } from '../chat.ts';
import type { Holdings } from '../privacy/export/holdings.ts';
import { sizeOf } from '../privacy/export/html.ts';

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

const ask = (content: Archive['content'], label: string): Button => ({ label, command: `privacy export content=${content}` });
const remove = ({ _id }: Archive, label = 'Remove it now'): Button => ({
  label,
  command: `privacy export remove=${_id}`,
  tone: 'danger',
});

const ASK: Button[] = [{ ...ask('all', 'Everything'), tone: 'primary' } as Button, ask('data', 'Data only')];

/** What an archive would hold, and the one that there is. */
export function choiceReply(holdings: Holdings, archive: Archive | undefined): Reply {
  const { videos, videoBytes, pictures, payments } = holdings;
  const text: Span[] = [
    { bold: 'Take your data with you' },
    `\nOne ZIP with everything I hold about you: ${count(videos, 'video', 'videos')} (${sizeOf(videoBytes)}), ${count(pictures, 'picture', 'pictures')} you sent, your words, credits, ${count(payments, 'payment', 'payments')}, consents and the access log, with a page that explains it all. “Data only” leaves videos and pictures out and is done in seconds.\n`,
  ];
  if (!archive) return { text, buttons: [ASK] };
  if (archive.state !== 'ready') return { text: [...text, ...underWay(archive)], buttons: [[remove(archive, 'Stop it')]] };
  return { text: [...text, ...ready(archive)], buttons: [[sendAgain(archive), remove(archive)], ASK] };
}

const sendAgain = ({ _id }: Archive): Button => ({
  label: 'Send it to me',
  command: `privacy export send=${_id}`,
  tone: 'primary',
});

const underWay = ({ files }: Archive): Span[] => [
  { bold: 'It is being packed' },
  files ? `: ${files.packed} of ${count(files.all, 'file', 'files')}. ` : '. ',
  'It comes to the chat where you asked for it.',
];

const ready = ({ size = 0, content, expiresAt }: Archive): Span[] => [
  { bold: 'An archive is ready' },
  ` (${content === 'all' ? 'everything' : 'data only'}, ${sizeOf(size)}). It is removed `,
  { when: expiresAt },
  '.',
];

/** Answers a wish for an archive: it begins, is under way, or was finished a moment ago. */
export function askedReply(is: 'new' | 'under way' | 'ready', archive: Archive): Reply {
  if (archive.state === 'failed') return { text: FAILED, buttons: [ASK] };
  if (is === 'ready') return { text: ready(archive), buttons: [[sendAgain(archive), remove(archive)]] };
  const text: Span[] = is === 'new' ? [{ bold: 'Packing your data. ' }, 'It comes here when it is ready.'] : underWay(archive);
  // News goes to the message that began it, not to every further one.
  return { text, buttons: [[remove(archive, 'Stop it')]], ...(is === 'new' && { follows: archive._id }) };
}

const FAILED: Span[] = [
  { bold: 'Your data could not be packed. ' },
  'Nothing was charged and nothing of yours was changed. Please try again.',
];

export const againReply = (archive: Archive): Reply => ({ text: ['Your archive is on its way.'], follows: archive._id });

export const removedReply = (): Reply => ({
  text: [{ bold: 'Removed. ' }, 'The archive and every link to it are gone. Your data itself is untouched.'],
  buttons: [[{ label: 'Privacy', command: 'privacy' }]],
});

/** How far the packing is. */
export const progressReply = (archive: Archive, { packed, all }: { packed: number; all: number }): Reply => ({
  text: [{ bold: 'Packing: ' }, `${packed} of ${count(all, 'file', 'files')}`],
  buttons: [[remove(archive, 'Stop it')]],
});

/** How the archive reaches the person: as a file, by a link with a code, or not at all because it is too large for this chat. */
export type Way = { file: Attachment } | { url: string; code: string } | 'too large';

export function readyReply(archive: Archive, way: Way): Reply {
  const { files, size = 0, content, expiresAt } = archive;
  const summary: Span[] = [
    { bold: 'Your data is ready. ' },
    `${count(files?.packed ?? 0, 'file', 'files')}, ${sizeOf(size)}. `,
    ...lost(files?.missing ?? 0),
  ];
  if (way === 'too large') {
    const text: Span[] = [
      ...summary,
      'It is too large for a file in this chat, and there is no page here to load it from. ',
      content === 'all'
        ? 'The data without videos fits; /videos brings each video.'
        : 'Write to support@lpmai.art, and we hand it over.',
    ];
    return { text, buttons: [[...(content === 'all' ? [ask('data', 'Data only')] : []), remove(archive)]] };
  }
  if ('file' in way) {
    const text: Span[] = [...summary, 'Begin with README.html. Our own copy is removed ', { when: expiresAt }, '.'];
    return { text, file: way.file, buttons: [[remove(archive, 'Remove our copy now')]] };
  }
  const text: Span[] = [
    ...summary,
    'The page asks for this code: ',
    { code: way.code },
    '. The link works until ',
    { when: expiresAt },
    ', then the archive is removed.',
  ];
  return { text, buttons: [[{ label: 'Download', url: way.url }, remove(archive)]] };
}

const lost = (missing: number): Span[] =>
  missing === 0 ? [] : [`${count(missing, 'entry', 'entries')} could not be read; README.html names each. `];

/** Given up after every attempt. */
export const failedReply = ({ _id, content }: Archive): Reply => ({
  text: [...FAILED, ' Reference ', { code: _id.slice(0, 8) }, ', if you write to support@lpmai.art.'],
  buttons: [[ask(content, 'Try again')]],
});
