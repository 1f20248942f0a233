import { onTestFinished } from 'vitest';
import { balance } from '../../../commands/balance.ts';
import { defineCommand } from '../../../commands/command.ts';
import { dispatch } from '../../../commands/dispatch.ts';
import { manageConsents } from '../../../commands/privacy/consents.ts';
import { correctData } from '../../../commands/privacy/correct.ts';
import { showPolicies } from '../../../commands/privacy/policies.ts';
import { settings } from '../../../commands/settings.ts';
import { videos } from '../../../commands/videos.ts';
import type { App } from '../../../core/app.ts';
import type { Place, Reply, Request } from '../../../core/chat.ts';
import type { Letter } from '../../../core/mail.ts';
import type { Policy } from '../../../core/privacy/policies.ts';
import { POLICIES } from '../../../core/privacy/policy-texts.ts';
import * as broadcast from '../../../workers/broadcast.ts';
import { shareApp } from '../../support/app.ts';
import { buildRequest, discordPlace, wordsOf } from '../../support/requests.ts';
import { recordSends } from '../../support/sends.ts';

const day = (text: string) => new Date(`${text}T00:00:00Z`);
export const DAY_MS = 86_400_000;

/** A significant second version, published on 15 January 2027. */
export const SECOND: Policy = {
  version: '2027-03-01',
  publishedAt: day('2027-01-15'),
  effectiveAt: day('2027-03-01'),
  isSignificant: true,
  changes: ['Videos may be made by another provider.', 'Logs are kept for 7 days instead of 14.'],
  sections: [{ title: 'All of it', paragraphs: ['Everything is as before, but <shorter>.'] }],
};

/** Those that these tests are about, and a few others. */
const privacy = defineCommand({ ...manageConsents, name: 'privacy', subcommands: [correctData, manageConsents, showPolicies] });
const known = [balance, settings, videos, privacy];

const clock = { at: 0 };

/** Calls `before` with what a function of a model is given, until the test has ended; what it throws is thrown instead of calling it. */
export function intercept(model: object, name: string, before: (given: unknown[]) => unknown): void {
  const real: (...given: unknown[]) => unknown = Reflect.get(model, name);
  Object.assign(model, {
    [name](...given: unknown[]) {
      const first = before(given);
      return first instanceof Promise ? first.then(() => real.apply(model, given)) : real.apply(model, given);
    },
  });
  onTestFinished(() => void Reflect.deleteProperty(model, name));
}

/** One app for the tests of a file, which run one after the other; each begins with nothing stored. */
export function shareTold() {
  const app = shareApp(() => ({ now: () => clock.at }));
  return async ({ policies = [...POLICIES, SECOND] as readonly Policy[], mails = true } = {}) => {
    await Promise.all(Object.values(app().models).map((model) => model.collection.deleteMany({})));
    return openTold(Object.assign(app(), { policies }), mails);
  };
}

/** An app with a stopped clock, a mailbox and a Telegram that write down what they get, and people who talk on both platforms. */
function openTold(app: App, mails: boolean) {
  clock.at = day('2027-01-10').getTime();
  const letters: Letter[] = [];
  /** Thrown instead of the next letters; `after`: the letter goes out before. */
  const mailFails: { error: Error; after?: boolean }[] = [];
  const send = async (letter: Letter) => {
    const failure = mailFails.shift();
    if (!failure || failure.after) letters.push(letter);
    if (failure) throw failure.error;
  };
  app.mail = mails ? { send, close() {} } : undefined;
  const { sends, sendings, fail } = recordSends();

  async function talk(
    user: string,
    command: string,
    words = '',
    changes: Partial<Request> = {},
  ): Promise<Reply & { words: string }> {
    const request = buildRequest({ command, words, at: clock.at, ...changes }, user);
    const reply = await dispatch(app, known, request);
    return { ...reply, words: wordsOf(reply.text) };
  }

  /** The account of a Telegram user, or of a Discord user. */
  async function accountOf(user: string, platform: Place['platform'] = 'telegram') {
    const hash = app.keys.blindIndex('identity', platform, user);
    const account = await app.models.accounts.findOne({ 'identities.hash': hash }).lean();
    if (!account) throw new Error(`nobody is ${user}`);
    return account;
  }

  return {
    app,
    clock,
    letters,
    mailFails,
    sends,
    sendings,
    fail,
    talk,
    accountOf,
    /** Somebody who has talked to the bot, with a confirmed address where one is named. */
    async newcomer(user: string, address?: string, place?: Place) {
      const changes = place ? { place } : {};
      await talk(user, 'balance', '', changes);
      if (!address) return;
      const { _id, keyId } = await accountOf(user, place?.platform);
      const keys = app.keys.open(await app.models.keys.findById(keyId).lean());
      const mail = keys.seal({ collection: 'accounts', id: _id, path: 'mail' }, address);
      await app.models.accounts.updateOne({ _id }, { $set: { mail } });
    },
    /** Steps of every broadcast until it rests for longer than a few seconds. */
    async work(limit = 50): Promise<void> {
      for (const { _id } of await app.models.broadcasts.find({ state: 'sending' }, { _id: 1 }).lean()) {
        for (let step = 0; step < limit; step++) {
          const again = await broadcast.run(app, sends, _id);
          if (!again || again.afterMs > 5_000) break;
        }
      }
    },
    onDiscord: (user: string) => ({ place: discordPlace(user, clock.at) }),
  };
}
