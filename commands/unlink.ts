import { standingOf } from '../core/receipts.ts';
import { partedReply, partingReply } from '../core/texts/wallet.ts';
import { isKeeper, offerParting, part } from '../core/wallet/part.ts';
import { walletOf } from '../core/wallet/wallet.ts';
import { defineCommand } from './command.ts';

export const unlink = defineCommand({
  name: 'unlink',
  about: 'Separate your Discord and Telegram balances again',
  private: true,
  options: { yes: { type: 'text', about: 'Which question is answered with yes', max: 64, hidden: true } },
  async run({ app, account, place: { platform: here }, options, at }) {
    const acting = { app, account, platform: here, at };
    if (!options.yes) {
      const id = await offerParting(acting);
      return partingReply({ id, available: account.credits.available, here, isKeeper: isKeeper(account) });
    }
    await part(acting, options.yes);
    return partedReply((await standingOf(app, await walletOf(app, account.id))).available);
  },
});
