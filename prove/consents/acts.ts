import type { App } from '../../core/app.ts';
import { type ConsentProof, grantConsent, prove, withdrawConsent } from '../../core/privacy/consents.ts';
import { shownItem } from '../../core/privacy/gallery/seen.ts';
import { continueItem, publish, unpublish } from '../../core/privacy/gallery.ts';
import { sendNews } from '../../core/privacy/news.ts';
import type { Purpose } from '../../models/consent.ts';
import type { Person } from './stage.ts';

export interface About {
  purpose: Extract<Purpose, 'marketing' | 'gallery'>;
  subject?: string;
}

export const NEWS: About = { purpose: 'marketing' };
export const galleryOf = ({ generation }: Person): About => ({ purpose: 'gallery', subject: generation._id });

/** What a trace is made of: the product's own functions, or a mutant's. */
export interface Acts {
  grant(app: App, person: Person, about: About): Promise<void>;
  withdraw(app: App, person: Person, about: About): Promise<void>;
  proveNews(app: App, person: Person): Promise<ConsentProof<'marketing'> | undefined>;
  /** Calls `effect` at the moment when the news of this id goes out. */
  send(app: App, proof: ConsentProof<'marketing'>, id: string, effect: () => void): Promise<void>;
  publish(app: App, person: Person): Promise<void>;
  work(app: App, slug: string): Promise<void>;
  /** Whether somebody who opens the page sees the video. */
  look(app: App, slug: string): Promise<boolean>;
  /** Resolves when nothing is under way in the background. */
  settled(): Promise<void>;
}

const NEWS_TEXT = { subject: 'News', text: 'There is something new.' };

const said = (app: App, { accountId }: Person, about: About) =>
  ({ ...about, account: { id: accountId }, channel: 'telegram', language: 'en', at: app.now() }) as const;

export const PRODUCT: Acts = {
  async grant(app, person, about) {
    await grantConsent(app, { ...said(app, person, about), text: `Yes to ${about.purpose}.` });
  },
  async withdraw(app, person, about) {
    if (about.subject) await unpublish(app, person.accountId, about.subject);
    else await withdrawConsent(app, said(app, person, about));
  },
  proveNews: (app, { accountId }) => prove(app, accountId, 'marketing'),
  async send(app, proof, id, effect) {
    const telegram = async () => {
      effect();
      return {};
    };
    await sendNews(app, { telegram }, proof, { ...NEWS_TEXT, id, way: 'telegram' });
  },
  async publish(app, { accountId, generation }) {
    const proof = await prove(app, accountId, 'gallery', generation._id);
    if (proof) await publish(app, proof, generation);
  },
  work: continueItem,
  look: async (app, slug) => (await shownItem(app, slug)) !== undefined,
  settled: async () => {},
};
