import { UserError } from '../core/errors.ts';
import { accept } from '../core/generations/accept.ts';
import { PROMPT_LIMIT, priceOf } from '../core/generations/options.ts';
import { MAX_IMAGE_BYTES, prepareImage } from '../core/media/images.ts';
import { acceptanceReply } from './accepted.ts';
import { defineCommand } from './command.ts';
import { chosenLook, lookOptions } from './generate.ts';

export const animate = defineCommand({
  name: 'animate',
  about: 'Make a video from your picture',
  options: {
    image: { type: 'image', about: 'A picture: JPEG, PNG or WebP', required: true },
    prompt: { type: 'text', about: 'What should happen in it', max: PROMPT_LIMIT, rest: true },
    ...lookOptions,
  },
  async run(call) {
    const { app, account, options } = call;
    const wish = { prompt: options.prompt ?? '', ...chosenLook(call) };
    if (account.earlier) return acceptanceReply(app, await accept(call, wish));
    // Without the credits the picture need not be fetched: any bytes stand for it in the refusal.
    const affordable = account.credits.available >= priceOf({ seconds: wish.seconds, hasImage: true });
    const image = affordable ? await fetchImage(options.image) : Buffer.alloc(0);
    return acceptanceReply(app, await accept(call, { ...wish, image }));
  },
});

async function fetchImage({ size, read }: { size?: number | undefined; read(limit: number): Promise<Buffer> }): Promise<Buffer> {
  if ((size ?? 0) > MAX_IMAGE_BYTES) {
    throw new UserError(
      'image_too_large',
      `That picture has ${Math.round((size ?? 0) / 1e6)} MB, and I can take ${MAX_IMAGE_BYTES / 1e6}. Send a smaller one. Nothing was charged.`,
    );
  }
  return (await prepareImage(await read(MAX_IMAGE_BYTES))).jpeg;
}
