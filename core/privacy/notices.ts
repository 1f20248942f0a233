import type { Account } from '../accounts.ts';
import type { App } from '../app.ts';
import type { Reply, Span } from '../chat.ts';
import { describe } from '../log.ts';
import { NOTICE_BUTTON, noticeSpans } from '../texts/policies.ts';
import type { Policy } from './policies.ts';

/** Letters that every platform takes together with what escaping adds: below a video (Telegram 1024), elsewhere (Discord 2000). */
const CAPTION_LETTERS = 950;
const MESSAGE_LETTERS = 1_700;
const MOST_ROWS = 5;
/** Letters of "in 5 minutes". */
const WHEN_LETTERS = 24;

/** Published versions that somebody who was told of `told` does not know yet, oldest first. The first of all is told at sign-up. */
export function untold(policies: readonly Policy[], told: string | undefined, at: number): Policy[] {
  const known = told ?? policies[0]?.version ?? '';
  return policies.filter(({ version, publishedAt }) => version > known && publishedAt.getTime() <= at);
}

type Told = { id: string; about: Pick<Account['about'], 'policy'> };

/**
 * Adds word of a new policy version to an answer, once for each person. A message that will be replaced carries it without that being noted,
 * and what replaces it carries it for good. Never throws; without anything to tell it asks the database nothing.
 */
export async function withNotice(app: App, account: Told, reply: Reply, at: number): Promise<Reply> {
  const { policy } = account.about;
  const news = untold(app.policies, policy?.version, at);
  const newest = news.at(-1);
  // An invoice is a message of its own, in which words would stand in for its title.
  if (!newest || reply.invoice) return reply;
  const longer = noticed(reply, news, at);
  if (!longer || reply.follows) return longer ?? reply;
  try {
    return (await noteTold(app, { id: account.id, before: policy?.version, version: newest.version, at })) ? longer : reply;
  } catch (error) {
    app.log.warn('a policy notice waits for the next answer', describe(error));
    return reply;
  }
}

/** The same for what a worker brings: it reads whom it is for, where there could be anything to tell. */
export async function withNoticeFor(app: App, accountId: string, reply: Reply, at: number): Promise<Reply> {
  if (untold(app.policies, undefined, at).length === 0) return reply;
  const account = await app.models.accounts.findById(accountId, { policy: 1 }).lean();
  return account ? withNotice(app, { id: accountId, about: account.policy ? { policy: account.policy } : {} }, reply, at) : reply;
}

interface Telling {
  id: string;
  /** What the account was told of when it was read. */
  before: string | undefined;
  version: string;
  at: number;
}

/** Notes that a person was told. False when somebody else did so in the meantime, or the account is being deleted. */
export async function noteTold(app: App, { id, before, version, at }: Telling): Promise<boolean> {
  const unchanged = before === undefined ? { policy: { $exists: false } } : { 'policy.version': before };
  const filter = { _id: id, status: { $ne: 'erasing' as const }, ...unchanged };
  const { modifiedCount } = await app.models.accounts.updateOne(filter, { $set: { policy: { version, at: new Date(at) } } });
  return modifiedCount > 0;
}

/** The answer with the paragraph below it; undefined where there is no room. */
function noticed(reply: Reply, news: readonly Policy[], at: number): Reply | undefined {
  const room = reply.video ? CAPTION_LETTERS : MESSAGE_LETTERS;
  const { buttons = [] } = reply;
  const rows = buttons.length < MOST_ROWS ? [...buttons, [NOTICE_BUTTON]] : buttons;
  for (const brief of [false, true]) {
    const text: Span[] = [...reply.text, ...(reply.text.length > 0 ? ['\n\n'] : []), ...noticeSpans(news, at, brief)];
    if (lettersOf(text) <= room) return { ...reply, text, buttons: rows };
  }
  return undefined;
}

const lettersOf = (text: readonly Span[]): number =>
  text.reduce((sum, span) => sum + (typeof span === 'string' ? span.length : lengthOf(span)), 0);

function lengthOf(span: Exclude<Span, string>): number {
  if ('when' in span) return WHEN_LETTERS;
  return Object.values(span).join('').length;
}
