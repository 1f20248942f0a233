import type { Account } from '../core/accounts.ts';
import type { App } from '../core/app.ts';
import type { Button, Reply, Span } from '../core/chat.ts';
import { UserError } from '../core/errors.ts';
import type { Generation } from '../core/generations/generation.ts';
import { historyPage } from '../core/generations/history.ts';
import { isWatchable, keysFor, ownGeneration, videoOf } from '../core/generations/read.ts';
import { prompt as promptField } from '../core/generations/sealed.ts';
import { offerDownload } from '../core/privacy/downloads.ts';
import { shorten } from '../core/texts/amounts.ts';
import { downloadReply } from '../core/texts/downloads.ts';
import { reasonOf } from '../core/texts/faults.ts';
import { replayReply } from '../core/texts/generations.ts';
import { defineCommand } from './command.ts';

const PAGE = 5;
const LAST_PAGE = 200;
/** Characters of a prompt in the list. */
const TITLE = 80;
/** So long the link to a video lives, in milliseconds. */
const DOWNLOAD_MS = 15 * 60_000;

export const videos = defineCommand({
  name: 'videos',
  about: 'Your videos, to watch again',
  private: true,
  options: {
    page: { type: 'integer', about: 'Page of the list', min: 1, max: LAST_PAGE },
    show: { type: 'text', about: 'Which one to show', max: 64, hidden: true },
    download: { type: 'text', about: 'Which one to download', max: 64, hidden: true },
  },
  run({ app, account, options }) {
    if (options.show) return replay(app, account, options.show);
    if (options.download) return download(app, account, options.download);
    return list(app, account, options.page ?? 1);
  },
});

async function replay(app: App, account: Account, id: string): Promise<Reply> {
  const generation = await ownGeneration(app, account.id, id);
  const keys = generation && (await keysFor(app, account, generation));
  const video = keys && videoOf(app, keys, generation);
  if (!video) throw notYours();
  return replayReply(generation, promptField.open(keys, id, generation.prompt), video);
}

/** A link for the browser, which asks for the code that stands here alone. */
async function download(app: App, account: Account, id: string): Promise<Reply> {
  const generation = await ownGeneration(app, account.id, id);
  if (!generation || !isWatchable(generation)) throw notYours();
  const { accountId, keyId } = generation;
  const offered = await offerDownload(app, { accountId, keyId, what: 'video', target: id, livesMs: DOWNLOAD_MS, at: app.now() });
  if (!offered) {
    throw new UserError('no_pages', 'There are no download links here. Save the video from this chat: it is the whole one.');
  }
  return downloadReply(offered);
}

const notYours = () => new UserError('not_yours', 'I cannot find that video among yours. /videos shows them.');

async function list(app: App, account: Account, page: number): Promise<Reply> {
  const found = await historyPage(app, account.id, (page - 1) * PAGE, PAGE + 1);
  const shown = found.slice(0, PAGE);
  if (shown.length === 0) {
    return {
      text: [
        page > 1 ? 'There is nothing on this page.' : 'No videos yet. Try /generate a fox in a neon city at night in the rain',
      ],
    };
  }
  const prompts = await Promise.all(
    shown.map(async (generation) => promptField.open(await keysFor(app, account, generation), generation._id, generation.prompt)),
  );
  const text = shown.flatMap((generation, index): Span[] => {
    const prompt = prompts[index];
    const title = prompt ? shorten(prompt, TITLE) : generation.removed?.prompt ? 'words deleted' : 'from your picture';
    const state = isWatchable(generation) ? '' : `, ${stateOf(generation)}`;
    return [
      { bold: `${number(page, index)}. ` },
      `${title} · ${generation.seconds} s`,
      state,
      ', ',
      { when: generation.createdAt },
      '\n',
    ];
  });
  const watch = shown.flatMap((generation, index): Button[] =>
    isWatchable(generation) ? [{ label: `▶ ${number(page, index)}`, command: `videos show=${generation._id}` }] : [],
  );
  const turn: Button[] = [
    ...(page > 1 ? [{ label: 'Newer', command: `videos page=${page - 1}` }] : []),
    ...(found.length > PAGE ? [{ label: 'Older', command: `videos page=${page + 1}` }] : []),
  ];
  return { text: [{ bold: 'Your videos' }, '\n', ...text], buttons: [watch, turn].filter((row) => row.length > 0) };
}

const number = (page: number, index: number): number => (page - 1) * PAGE + index + 1;

function stateOf({ state, fault, removed }: Generation): string {
  if (removed?.video) return 'deleted';
  return state === 'failed' || state === 'told' ? `no video: ${reasonOf(fault)}` : 'being made';
}
