import { UserError } from '../core/errors.ts';
import { cancelGeneration } from '../core/generations/cancel.ts';
import { credits } from '../core/texts/amounts.ts';
import { defineCommand } from './command.ts';

export const cancel = defineCommand({
  name: 'cancel',
  about: 'Stop a video that is still being made and get its credits back',
  private: true,
  options: { id: { type: 'text', about: 'Which one', max: 64, hidden: true } },
  async run({ app, account, options }) {
    const cancelled = await cancelGeneration(app, account.id, options.id);
    if (!cancelled)
      throw new UserError(
        'nothing_to_cancel',
        'There is nothing to cancel: that video is finished or was cancelled before. /videos shows what you have.',
      );
    return { text: [{ bold: 'Cancelled.' }, ` ${credits(cancelled.price)} are back, you have ${cancelled.available}.`] };
  },
});
