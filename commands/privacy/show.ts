import type { Account } from '../../core/accounts.ts';
import { held, processorsOf, underWay } from '../../core/privacy/held.ts';
import { policyAt } from '../../core/privacy/policies.ts';
import { privacyReply } from '../../core/texts/privacy.ts';
import { defineCommand } from '../command.ts';

export const showPrivacy = defineCommand({
  name: 'show',
  about: 'What is kept about you, for how long, and who handles it',
  private: true,
  whileLeaving: true,
  options: {},
  async run({ app, account, place, at }) {
    const { url } = app.address;
    const here = place.platform;
    const other = here === 'discord' ? 'telegram' : 'discord';
    return privacyReply({
      policy: policyAt(app.policies, at),
      held: await held(app, account),
      underWay: await underWay(app, account, at),
      processors: processorsOf(app),
      platforms: account.partner ? [here, other] : [here],
      known: knownOf(account),
      unusedMonths: app.config.UNUSED_MONTHS,
      url: url && new URL('/policy', url).href,
    });
  },
});

function knownOf({ about: { name, language, mail, mailProof } }: Account): string[] {
  return [...(name ? ['name'] : []), ...(language ? ['language'] : []), ...(mail || mailProof ? ['e-mail address'] : [])];
}
