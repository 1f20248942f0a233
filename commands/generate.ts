import type { Account } from '../core/accounts.ts';
import type { App } from '../core/app.ts';
import { UserError } from '../core/errors.ts';
import type { Wish } from '../core/generations/accept.ts';
import { accept } from '../core/generations/accept.ts';
import { confirm } from '../core/generations/confirm.ts';
import { getMedia } from '../core/generations/objects.ts';
import { ASPECT_RATIOS, favouriteLook, type Look, lookOf, PROMPT_LIMIT, SECONDS, STYLES } from '../core/generations/options.ts';
import { keysFor, ownGeneration } from '../core/generations/read.ts';
import { prompt as promptField } from '../core/generations/sealed.ts';
import { acceptanceReply } from './accepted.ts';
import { defineCommand, type Options } from './command.ts';

export const lookOptions = {
  style: { type: 'choice', about: 'What it should look like', choices: STYLES },
  ratio: { type: 'choice', about: 'Shape of the picture', choices: ASPECT_RATIOS },
  seconds: { type: 'integer', about: 'Length in seconds, two credits each', ...SECONDS },
} as const satisfies Options;

interface LookOptions {
  style?: Look['style'] | undefined;
  ratio?: Look['aspectRatio'] | undefined;
  seconds?: number | undefined;
}

/** What was asked for, else what the person has set, else our own choice. */
export function chosenLook({ account, options }: { account: Account; options: LookOptions }): Look {
  const favourite = favouriteLook(account.settings);
  return {
    style: options.style ?? favourite.style,
    aspectRatio: options.ratio ?? favourite.aspectRatio,
    seconds: options.seconds ?? favourite.seconds,
  };
}

export const generate = defineCommand({
  name: 'generate',
  about: 'Make a video from your words',
  options: {
    prompt: { type: 'text', about: 'What the video should show', max: PROMPT_LIMIT, rest: true },
    ...lookOptions,
    confirm: { type: 'text', about: 'A video whose price you agree to', max: 64, hidden: true },
    again: { type: 'text', about: 'A video of yours to make once more', max: 64, hidden: true },
  },
  async run(call) {
    const { app, account, options } = call;
    if (options.confirm && !account.earlier) {
      const acceptance = await confirm(call, options.confirm);
      if (acceptance) return acceptanceReply(app, acceptance);
      throw new UserError('question_gone', 'That question is more than an hour old. Please ask again. Nothing was charged.');
    }
    if (options.again && !account.earlier)
      return acceptanceReply(app, await accept(call, await sameAgain(app, account, options.again)));
    if (!options.prompt && !account.earlier) {
      throw new UserError(
        'prompt_missing',
        'Tell me what the video should show, for example: /generate a fox in a neon city at night in the rain. Nothing was charged.',
      );
    }
    return acceptanceReply(app, await accept(call, { prompt: options.prompt ?? '', ...chosenLook(call) }));
  },
});

async function sameAgain(app: App, account: Account, id: string): Promise<Wish> {
  const generation = await ownGeneration(app, account.id, id);
  if (!generation || generation.state === 'rejected') {
    throw new UserError('not_yours', 'I cannot find that video among yours. /videos shows them. Nothing was charged.');
  }
  const { removed, hasImage } = generation;
  if (removed?.prompt || (hasImage && removed?.image)) {
    throw new UserError(
      'again_deleted',
      `${removed.prompt ? 'The words of that video are' : 'The picture of that video is'} deleted, so I cannot make it again. Please send me a new request. Nothing was charged.`,
    );
  }
  const keys = await keysFor(app, account, generation);
  return {
    prompt: promptField.open(keys, id, generation.prompt),
    ...lookOf(generation),
    ...(generation.hasImage && { image: await getMedia(app, keys, 'image', id) }),
  };
}
