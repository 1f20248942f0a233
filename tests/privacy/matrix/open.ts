import { preCheckout } from '../../../core/payments/stars.ts';
import { visit } from '../../web/visit.ts';
import type { Got } from './attack.ts';
import { readVisit } from './visits.ts';
import type { World } from './world.ts';

/** What anybody may do who has the address, and why. Everything else is denied. */
export interface Open {
  what: string;
  why: string;
  /** All that A's documents may change by it. */
  changes?: RegExp;
  /** What they are handed. */
  gift?: RegExp;
  /** `known`: what they know of A's already. */
  go(world: World): Promise<Got & { known: string }>;
}

const orderOf = async ({ stage, a }: World, item: string, provider: 'stripe' | 'telegram_stars') => {
  const order = await stage.app.models.payments.findOne({ accountId: a.id, item, provider }).lean();
  if (!order) throw new Error('A has ordered nothing');
  return order;
};

/**
 * Beside these, a link code that nobody has entered yet opens to whoever enters it first the question whether to join, with the balance of
 * the account that showed it: A is told so when it is shown (tests/commands/link.test.ts).
 */
export const OPEN: readonly Open[] = [
  {
    what: 'a video in the gallery',
    why: 'its maker has said that everybody may see it; it shows neither name nor prompt',
    gift: /video\/mp4/,
    async go({ stage, gallery }) {
      const url = `${stage.origin}/gallery/${gallery.shown}`;
      const page = readVisit(await visit(url), false);
      return { ...readVisit(await visit(`${url}.mp4`), false), text: page.text, known: url };
    },
  },
  {
    what: 'the policy',
    why: 'it is the same for everybody',
    go: async ({ stage }) => ({ ...readVisit(await visit(`${stage.origin}/policy`), false), known: '' }),
  },
  {
    what: 'the check of a receipt',
    why: 'a receipt holds no personal data, and its number is what makes it one',
    async go({ stage, receipt }) {
      const headers = { origin: stage.origin };
      const checked = readVisit(await visit(`${stage.origin}/receipt`, { form: { receipt }, headers }), false);
      const content = Buffer.from(receipt.split('.')[1] ?? '', 'base64url').toString();
      return { ...checked, known: `${receipt} ${content}` };
    },
  },
  {
    what: 'the pay link of an order',
    why: 'to pay for somebody else harms nobody; our page shows what is bought and for how much, and leads to Stripe',
    changes: /^payments \S+ differs in (rev|status|dueAt|stripe\.\w+|, )+$/,
    gift: /a way on/,
    async go(world) {
      const { _id } = await orderOf(world, 'pack-l', 'stripe');
      const url = `${world.stage.origin}/pay/${_id}`;
      const shown = readVisit(await visit(url), false);
      const token = /name="token" value="([^"]+)"/.exec(shown.text)?.[1] ?? '';
      const pressed = readVisit(await visit(url, { form: { token }, headers: { origin: world.stage.origin } }), false);
      return { ...pressed, text: shown.text + pressed.text, known: url };
    },
  },
  {
    what: 'the invoice of an order in Stars',
    why: 'a forwarded invoice may be paid by whoever has it; the credits are those of whose order it is',
    async go(world) {
      const { _id, amountMinor = 0 } = await orderOf(world, 'pack-s', 'telegram_stars');
      const answer = await preCheckout(world.stage.app, { order: _id, stars: amountMinor, user: '1' });
      return { text: JSON.stringify(answer), known: _id };
    },
  },
  {
    what: 'a link to a video together with its code',
    why: 'both stand only in the chat of A; without the code the link opens nothing',
    gift: /a pass/,
    async go({ stage, downloads: [link] }) {
      const { url = '', code = '' } = link ?? {};
      const entered = await visit(url, { form: { code }, headers: { origin: stage.origin } });
      return { ...readVisit(entered, false), known: `${url} ${code}` };
    },
  },
  {
    what: 'five wrong codes',
    why: 'so that nobody finds the code by trying: whoever has the address can end the link, and A gets a new one',
    changes: /^downloads \S+ is gone$/,
    async go({ stage, downloads }) {
      const { url = '', code = '' } = downloads.at(-1) ?? {};
      const wrong = { form: { code: code === '000000' ? '000001' : '000000' }, headers: { origin: stage.origin } };
      const pages: string[] = [];
      for (let tries = 0; tries < 5; tries++) pages.push(readVisit(await visit(url, wrong), false).text);
      return { text: pages.join(), known: url };
    },
  },
  {
    what: 'the way out of news',
    why: 'it stands in a mail to A, and mail programs must be able to press it (RFC 8058); it can only end news, which A can turn on again',
    changes: /^(consents \S+ is new|accounts \S+ differs in seenAt)$/,
    async go({ seen }) {
      const url = [...seen.urls].find((one) => one.includes('/news/')) ?? '';
      return { ...readVisit(await visit(url, { form: { 'List-Unsubscribe': 'One-Click' } }), false), known: url };
    },
  },
];
