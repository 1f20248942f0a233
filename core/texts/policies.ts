import type { Reply, Span } from '../chat.ts';
import type { Policy } from '../privacy/policies.ts';
import { CONTACT } from '../privacy/policy-texts.ts';
import { shorten } from './amounts.ts';

/** "1 March 2027". */
export const dayOf = (at: Date | number): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(at);

const MOST_CHANGES_LETTERS = 400;
/** Letters of one change, versions and requests in the list: together they fit into one message everywhere. */
const CHANGE_LETTERS = 160;
const MOST_VERSIONS = 3;

/** "changes on 1 March 2027" until that day, and "has changed on" it from then on. */
const changes = ({ effectiveAt }: Policy, at: number): string =>
  `${effectiveAt.getTime() > at ? 'changes' : 'has changed'} on ${dayOf(effectiveAt)}`;

/** One short paragraph about versions that the person does not know yet, oldest first; `brief` leaves out what is different. */
export function noticeSpans(policies: readonly Policy[], at: number, brief = false): Span[] {
  const [last] = policies.slice(-1);
  if (!last) return [];
  const differences = brief ? '' : shorten(policies.flatMap((policy) => policy.changes).join(' '), MOST_CHANGES_LETTERS);
  return [
    { bold: `Our privacy policy ${changes(last, at)}.` },
    `${differences && ` ${differences}`} /privacy policies shows all of it.`,
  ];
}

export const NOTICE_BUTTON = { label: 'What changes', command: 'privacy policies' };

/** A message of its own, for the private Telegram chat. */
export const noticeReply = (policy: Policy, at: number): Reply => ({
  text: noticeSpans([policy], at),
  buttons: [[NOTICE_BUTTON]],
  private: true,
});

/** By e-mail. */
export const noticeLetter = (policy: Policy, at: number, url: string | undefined) => ({
  subject: `Our privacy policy ${changes(policy, at)}`,
  text: `Hello,

the privacy policy of LPM AI ${changes(policy, at)}. This is different:

${policy.changes.map((change) => `- ${change}`).join('\n')}

${url ? `All of it: ${url}` : 'All of it: send /privacy policies to LPM AI in the chat.'}

You need not do anything. If you do not agree, /privacy delete in the chat ends your account, and /privacy export gives you a copy of everything first. What you have agreed to so far is not stretched to anything new.

You get this because you have confirmed this address in your account. It is no advertising.

LPM AI · ${CONTACT.mail} · ${CONTACT.site}
`,
});

export interface PoliciesShown {
  /** Oldest first, published ones only. */
  policies: readonly Policy[];
  inForce: Policy;
  /** The newest one that the person was told of. */
  told?: { version: string; at: Date } | undefined;
  /** When word of a version went to them by e-mail. */
  mailed: ReadonlyMap<string, Date>;
  requests: readonly { about: string; at: number }[];
  url?: string | undefined;
  at: number;
}

/** Versions, what changed, what the person was told of, what they have asked for. */
export function policiesReply(shown: PoliciesShown): Reply {
  const { policies, inForce, told, requests, url } = shown;
  const newest = policies.toReversed().slice(0, MOST_VERSIONS);
  const left = policies.length - newest.length;
  return {
    text: [
      { bold: 'Privacy policy' },
      `\nIn force: version ${inForce.version}, since ${dayOf(inForce.effectiveAt)}.`,
      ...newest.flatMap((policy) => versionSpans(policy, shown)),
      left > 0 ? `\nEarlier ones are on the web page: ${left}.` : '',
      told
        ? `\nYou were told of version ${told.version} on ${dayOf(told.at)}.`
        : '\nYou have used LPM AI since before versions were noted.',
      requests.length > 0 ? '\n\nWhat you have asked for: ' : '\n\nYou have asked for no export, correction or deletion so far.',
      requests.map(({ about, at }) => `${about} on ${dayOf(at)}`).join('; '),
      `\nQuestions: ${CONTACT.mail}`,
    ],
    buttons: [
      ...(url ? [[{ label: 'Read all of it', url }]] : []),
      [
        { label: 'What is held', command: 'privacy show' },
        { label: 'Consents', command: 'privacy consents' },
      ],
    ],
  };
}

function versionSpans({ version, effectiveAt, changes: differences }: Policy, { at, mailed }: PoliciesShown): Span[] {
  const day = effectiveAt.getTime() > at ? `takes effect on ${dayOf(effectiveAt)}` : `in force since ${dayOf(effectiveAt)}`;
  const mail = mailed.get(version);
  const what = differences.length > 0 ? shorten(differences.join(' '), CHANGE_LETTERS) : 'The first version.';
  return ['\n\n', { bold: version }, ` ${day}. ${what}${mail ? ` E-mail to you on ${dayOf(mail)}.` : ''}`];
}

/** What a line of the access log that the person has caused is called. */
export const REQUEST_NAMES: Record<string, string> = {
  archive_asked: 'export',
  name_corrected: 'name corrected',
  mail_corrected: 'e-mail corrected',
  language_corrected: 'language corrected',
  erasure_asked: 'deletion',
  erasure_kept: 'deletion taken back',
};
