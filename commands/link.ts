import { standingOf } from '../core/receipts.ts';
import { codeReply, joinedReply, leftReply, offerReply } from '../core/texts/wallet.ts';
import { join } from '../core/wallet/join.ts';
import { leaveOffer, showCode, takeCode } from '../core/wallet/offer.ts';
import { walletOf } from '../core/wallet/wallet.ts';
import { defineCommand } from './command.ts';

export const link = defineCommand({
  name: 'link',
  about: 'Use one balance on Discord and Telegram',
  private: true,
  options: {
    code: { type: 'text', about: 'The code that the other platform shows you', max: 24, rest: true },
    join: { type: 'text', about: 'Which question is answered with yes', max: 64, hidden: true },
    leave: { type: 'text', about: 'Which question is answered with no', max: 64, hidden: true },
  },
  async run({ app, account, place: { platform }, options, at }) {
    const acting = { app, account, platform, at };
    if (options.leave) {
      await leaveOffer(app, account, options.leave);
      return leftReply();
    }
    if (options.join) {
      const { keeper } = await join(acting, options.join);
      const { available } = await standingOf(app, await walletOf(app, account.id));
      return joinedReply(keeper, available);
    }
    if (options.code) return offerReply(await takeCode(acting, options.code), platform);
    return codeReply(await showCode(acting), platform);
  },
});
