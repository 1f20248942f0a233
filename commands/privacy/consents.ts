import { createHash } from 'node:crypto';
import type { Account } from '../../core/accounts.ts';
import type { App } from '../../core/app.ts';
import type { Reply } from '../../core/chat.ts';
import { UserError } from '../../core/errors.ts';
import type { Generation } from '../../core/generations/generation.ts';
import { historyPage } from '../../core/generations/history.ts';
import { isWatchable, keysFor, ownGeneration } from '../../core/generations/read.ts';
import { prompt as promptField } from '../../core/generations/sealed.ts';
import { type ConsentState, consentsOf, grantConsent, prove, waysOfNews, withdrawConsent } from '../../core/privacy/consents.ts';
import { galleryItemsOf } from '../../core/privacy/gallery/seen.ts';
import { publish, unpublish } from '../../core/privacy/gallery.ts';
import { shorten } from '../../core/texts/amounts.ts';
import {
  addressNeededReply,
  agreedReply,
  CONSENT_WORDS,
  consentsReply,
  galleryListReply,
  hiddenReply,
  questionReply,
  sharedReply,
  withdrawnReply,
} from '../../core/texts/consents.ts';
import { accountsTogether } from '../../core/wallet/wallet.ts';
import { type Call, defineCommand } from '../command.ts';

const PAGE = 5;
const LAST_PAGE = 200;
/** Characters of a prompt in the list. */
const TITLE = 60;
/** The words are in English. */
const LANGUAGE = 'en';

/** Those that are about a person as a whole; the gallery is about each video. */
const WHOLE = [
  { value: 'marketing', label: 'News' },
  { value: 'improvement', label: 'Quality review' },
] as const;
type Whole = (typeof WHOLE)[number]['value'];

const video = { type: 'text', max: 40, hidden: true } as const;

export const manageConsents = defineCommand({
  name: 'consents',
  about: 'What you agree to, and how to withdraw it',
  private: true,
  whileLeaving: true,
  options: {
    grant: { type: 'choice', about: 'What to read and decide on', choices: WHOLE, hidden: true },
    yes: { type: 'choice', about: 'What is agreed to', choices: WHOLE, hidden: true },
    withdraw: { type: 'choice', about: 'What is withdrawn', choices: WHOLE, hidden: true },
    gallery: { ...video, about: 'Which video to decide on' },
    show: { ...video, about: 'Which video is agreed to be shown' },
    hide: { ...video, about: 'Which video is taken out' },
    words: { type: 'text', about: 'Which words were shown', max: 12, hidden: true },
    page: { type: 'integer', about: 'Page of your videos', min: 1, max: LAST_PAGE, hidden: true },
  },
  async run({ options: { grant, yes, withdraw, gallery, show, hide, words, page }, ...call }) {
    if (withdraw) return end(call, withdraw);
    if (hide) return takeOut(call, hide);
    if (yes) return agree(call, yes, words);
    if (show) return share(call, show, words);
    if (grant) return question(call, grant);
    if (gallery) return videoQuestion(call, gallery);
    return page ? listVideos(call, page) : overview(call);
  },
});

type Asking = Omit<Call, 'options'>;

const granted = (states: readonly ConsentState[]) => states.filter((state) => state.granted);

/** Of both accounts of a person. */
async function statesOf(app: App, account: Account): Promise<ConsentState[]> {
  const together = await accountsTogether(app, account.id);
  return (await Promise.all(together.map((id) => consentsOf(app, id)))).flat();
}

async function overview({ app, account }: Asking): Promise<Reply> {
  const held = granted(await statesOf(app, account));
  const since = (purpose: Whole) => held.find((state) => state.purpose === purpose)?.at;
  const gallery = held.filter(({ purpose }) => purpose === 'gallery').length;
  return consentsReply({ marketing: since('marketing'), improvement: since('improvement'), gallery });
}

/** So that a yes is about the words that were on the screen, also when we changed them meanwhile. */
const markOf = (purpose: Whole | 'gallery'): string =>
  createHash('sha256').update(CONSENT_WORDS[purpose]).digest('base64url').slice(0, 6);

async function question({ app, account }: Asking, purpose: Whole): Promise<Reply> {
  if (purpose === 'marketing' && !(await isReachable(app, account))) return addressNeededReply();
  return questionReply(purpose, [], `privacy consents yes=${purpose} words=${markOf(purpose)}`);
}

async function isReachable(app: App, account: Account): Promise<boolean> {
  const { telegram, mail } = await waysOfNews(app, account.id);
  return telegram || mail;
}

/** For both accounts of a person. */
async function agree(call: Asking, purpose: Whole, words: string | undefined): Promise<Reply> {
  const { app, account, place, at } = call;
  const isAsked = words !== markOf(purpose) || (purpose === 'marketing' && !(await isReachable(app, account)));
  if (isAsked) return question(call, purpose);
  const act = { purpose, text: CONSENT_WORDS[purpose], channel: place.platform, language: LANGUAGE, at };
  for (const id of await accountsTogether(app, account.id)) await grantConsent(app, { ...act, account: { id } });
  return agreedReply(purpose);
}

async function end({ app, account, place, at }: Asking, purpose: Whole): Promise<Reply> {
  const act = { purpose, channel: place.platform, language: LANGUAGE, at };
  for (const id of await accountsTogether(app, account.id)) await withdrawConsent(app, { ...act, account: { id } });
  return withdrawnReply(purpose);
}

/** A video of the person's that could be shown. Throws UserError for any other. */
async function showable({ app, account }: Asking, id: string): Promise<Generation> {
  const generation = await ownGeneration(app, account.id, id);
  if (!generation || !isWatchable(generation))
    throw new UserError('not_yours', 'I cannot find that video among yours. Nothing was changed. /videos shows them.');
  return generation;
}

async function videoQuestion(call: Asking, id: string): Promise<Reply> {
  const generation = await showable(call, id);
  const about = [`“${await titleOf(call, generation)}”, made `, { when: generation.createdAt }, '\n'];
  return questionReply('gallery', about, `privacy consents show=${id} words=${markOf('gallery')}`);
}

/** The consent belongs to the account that the video belongs to. */
async function share(call: Asking, id: string, words: string | undefined): Promise<Reply> {
  const { app, place, at } = call;
  const generation = await showable(call, id);
  if (words !== markOf('gallery')) return videoQuestion(call, id);
  const about = { purpose: 'gallery', subject: id } as const;
  const said = { text: CONSENT_WORDS.gallery, channel: place.platform, language: LANGUAGE, at };
  await grantConsent(app, { ...about, ...said, account: { id: generation.accountId } });
  const proof = await prove(app, generation.accountId, 'gallery', id);
  if (!proof) throw new UserError('withdrawn', 'This was withdrawn at the same moment, so the video is not shown.');
  await publish(app, proof, generation);
  const slug = (await galleryItemsOf(app, [id])).get(id)?._id;
  return sharedReply(id, slug && app.address.url ? new URL(`/gallery/${slug}`, app.address.url).href : undefined);
}

async function takeOut({ app, account, place, at }: Asking, id: string): Promise<Reply> {
  for (const accountId of await accountsTogether(app, account.id)) {
    const about = { account: { id: accountId }, purpose: 'gallery', subject: id } as const;
    await withdrawConsent(app, { ...about, channel: place.platform, language: LANGUAGE, at });
    await unpublish(app, accountId, id);
  }
  return hiddenReply();
}

async function listVideos(call: Asking, page: number): Promise<Reply> {
  const { app, account } = call;
  const found = await historyPage(app, account.id, (page - 1) * PAGE, PAGE + 1);
  const subjects = new Set(granted(await statesOf(app, account)).map(({ subject }) => subject));
  const numbered = found.slice(0, PAGE).map((generation, index) => ({ generation, number: (page - 1) * PAGE + index + 1 }));
  const videos = await Promise.all(
    numbered
      .filter(({ generation }) => isWatchable(generation) || subjects.has(generation._id))
      .map(async ({ generation, number }) => ({
        id: generation._id,
        number,
        title: await titleOf(call, generation),
        granted: subjects.has(generation._id),
      })),
  );
  return galleryListReply(videos, page, found.length > PAGE);
}

async function titleOf({ app, account }: Asking, generation: Generation): Promise<string> {
  if (generation.removed?.prompt) return 'words deleted';
  const prompt = promptField.open(await keysFor(app, account, generation), generation._id, generation.prompt);
  return prompt ? shorten(prompt, TITLE) : 'from your picture';
}
