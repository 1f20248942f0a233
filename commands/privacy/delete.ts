import type { Account } from '../../core/accounts.ts';
import type { App } from '../../core/app.ts';
import type { Reply } from '../../core/chat.ts';
import { UserError } from '../../core/errors.ts';
import { historyPage } from '../../core/generations/history.ts';
import { keysFor } from '../../core/generations/read.ts';
import { prompt as promptField } from '../../core/generations/sealed.ts';
import {
  confirmErasure,
  doubtErasure,
  type ErasureScope,
  keepAccount,
  offerErasure,
  waitingErasures,
} from '../../core/privacy/erasures.ts';
import { shorten } from '../../core/texts/amounts.ts';
import {
  begunReply,
  choiceReply,
  doubtReply,
  keptReply,
  planReply,
  videosReply,
  waitingReply,
} from '../../core/texts/erasures.ts';
import { type Call, defineCommand, type Options } from '../command.ts';

const PAGE = 5;
const LAST_PAGE = 200;
/** Characters of a prompt in the list. */
const TITLE = 60;
const ID = { type: 'text', max: 64, hidden: true } as const;

const SCOPES = [
  { value: 'video', label: 'One video' },
  { value: 'media', label: 'All videos and pictures' },
  { value: 'prompts', label: 'Prompts' },
  { value: 'account', label: 'My account' },
] as const satisfies readonly { value: ErasureScope; label: string }[];

const options = {
  scope: { type: 'choice', about: 'What to delete', choices: SCOPES },
  words: { type: 'text', about: 'What to delete', max: 64, rest: true, hidden: true },
  page: { type: 'integer', about: 'Page of the list of videos', min: 1, max: LAST_PAGE, hidden: true },
  when: {
    type: 'choice',
    about: 'When',
    choices: [
      { value: 'later', label: 'Later' },
      { value: 'now', label: 'Now' },
    ],
    hidden: true,
  },
  video: { ...ID, about: 'Which video' },
  later: { ...ID, about: 'Which question is answered with: in 72 hours' },
  now: { ...ID, about: 'Which question is answered with: now' },
  sure: { ...ID, about: 'Which question is answered with yes' },
  leave: { ...ID, about: 'Which question is answered with no' },
  keep: { ...ID, about: 'Which deletion is called off' },
} as const satisfies Options;

export const deleteData = defineCommand({
  name: 'delete',
  about: 'Delete a video, all media, your prompts or your account',
  private: true,
  whileLeaving: true,
  options,
  async run(call) {
    const { app, account, place, options: chosen, at } = call;
    const { later, now, sure, leave, keep, when = 'later' } = chosen;
    const calledOff = keep ?? leave;
    if (calledOff) return keptReply(await keepAccount(app, account, calledOff, at));
    if (sure) {
      const confirmed = await confirmErasure(app, { account, place, id: sure, when, at });
      return confirmed.state === 'waiting' ? waitingReply(confirmed) : begunReply(confirmed);
    }
    const asked = now ?? later;
    if (asked) return doubtReply(await doubtErasure(app, account, asked, at), now ? 'now' : 'later');
    const waiting = await waitingErasures(app, account);
    const leaving = waiting.find(({ scope }) => scope === 'account');
    // Nothing else is worth a question while all of it is about to go.
    if (leaving) return waitingReply(leaving);
    return offer(call, chosen.video ? 'video' : (chosen.scope ?? scopeOf(chosen.words)), () => choiceReply(waiting));
  },
});

async function offer(call: Call<typeof options>, scope: ErasureScope | undefined, choices: () => Reply): Promise<Reply> {
  const { app, account, place, options: chosen, at } = call;
  if (!scope) return choices();
  if (scope === 'video' && !chosen.video) return list(app, account, chosen.page ?? 1);
  const { erasure, plan } = await offerErasure(app, { account, place, scope, generation: chosen.video, at });
  return planReply(erasure, plan);
}

/** As typed: `account`, `my account`, `all videos`. Nothing typed is nothing chosen. */
function scopeOf(words: string | undefined): ErasureScope | undefined {
  if (!words) return undefined;
  const typed = words.toLowerCase();
  if (/account/.test(typed)) return 'account';
  if (/prompt|words/.test(typed)) return 'prompts';
  if (/media|pictures?|images?|videos/.test(typed)) return 'media';
  if (/video/.test(typed)) return 'video';
  throw new UserError(
    'scope_unknown',
    'I can delete: video, media, prompts or account. For example: /privacy delete media. Nothing was deleted.',
  );
}

async function list(app: App, account: Account, page: number): Promise<Reply> {
  const found = await historyPage(app, account.id, (page - 1) * PAGE, PAGE + 1);
  const titles = await Promise.all(
    found.slice(0, PAGE).map(async (generation) => {
      const prompt = promptField.open(await keysFor(app, account, generation), generation._id, generation.prompt);
      const { removed, createdAt } = generation;
      const title = prompt ? shorten(prompt, TITLE) : removed?.video || removed?.prompt ? 'deleted' : 'from your picture';
      return { id: generation._id, title, at: createdAt };
    }),
  );
  return videosReply({ titles, page, isLast: found.length <= PAGE });
}
