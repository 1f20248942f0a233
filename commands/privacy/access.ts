import { privacyEventsOf } from '../../core/privacy/events.ts';
import { accessReply } from '../../core/texts/privacy.ts';
import { accountsTogether } from '../../core/wallet/wallet.ts';
import { defineCommand } from '../command.ts';

const PAGE = 6;
const LAST_PAGE = 80;

export const showAccess = defineCommand({
  name: 'access',
  about: 'Who looked at your data, when and why',
  private: true,
  whileLeaving: true,
  options: { page: { type: 'integer', about: 'Page of the log', min: 1, max: LAST_PAGE, hidden: true } },
  async run({ app, account, options: { page = 1 } }) {
    const events = await privacyEventsOf(app, await accountsTogether(app, account.id), 2 * PAGE * LAST_PAGE);
    const looks = events.filter(({ actor }) => actor === 'staff');
    const requests = events.filter(({ actor }) => actor !== 'staff');
    const onPage = <Event>(all: readonly Event[]) => all.slice((page - 1) * PAGE, page * PAGE);
    const hasMore = page < LAST_PAGE && Math.max(looks.length, requests.length) > page * PAGE;
    return accessReply({ looks: onPage(looks), requests: onPage(requests), page, hasMore });
  },
});
