import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { commands } from '../../../commands/index.ts';
import { prove } from '../../../core/privacy/consents.ts';
import { sendNews } from '../../../core/privacy/news.ts';
import { run as showInGallery } from '../../../workers/gallery.ts';
import { handAll, sessionOf } from '../../support/shop.ts';
import { enter } from '../../web/visit.ts';
import { type Answer, lineIn, type Person } from './people.ts';
import { lookAround, type Seen } from './seen.ts';
import type { Stage } from './stage.ts';

/** What A has paid, as nobody else has. */
export const AMOUNT = 123_456_789;

const codeIn = ({ words }: Answer): string => /\/link code=(\S+)/.exec(words)?.[1] ?? '';

/** A video of a picture. */
export async function media(stage: Stage, a: Person, mark: string): Promise<void> {
  const image = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#884422' } })
    .png()
    .toBuffer();
  await stage.finish((await a.say(`animate ${mark} waves seconds=2`, { image })).follows ?? '');
}

/** X enters A's code, sees what A has and asks about its deletion; A has something deleted later; then they part. */
export async function linkAndPart(a: Person, x: Person, seen: Seen, [video = '', other = '']: string[]): Promise<void> {
  await x.say(lineIn(await x.say(`link code=${codeIn(await a.say('link'))}`), 'link join='));
  await lookAround(x, seen, commands);
  for (const asked of ['scope=media', 'scope=prompts', 'scope=account', `video=${video}`]) {
    await x.say(lineIn(await x.say(`privacy delete ${asked}`), 'privacy delete later='));
  }
  await a.say(
    lineIn(await a.say(lineIn(await a.say(`privacy delete video=${other}`), 'privacy delete later=')), 'privacy delete sure='),
  );
  await x.say('privacy delete');
  await x.say(`videos show=${video}`);
  await x.say(`videos download=${video}`);
  await a.say(lineIn(await a.say('unlink'), 'unlink yes='));
}

/** Paid: a pack and a plan. Not paid: another pack, whose page at Stripe is open, and a third, which nobody has opened. */
export async function buy({ shop, app, stripe }: Stage, a: Person): Promise<void> {
  const orderOf = async (item: string) => {
    await a.say(`buy item=${item} with=card`);
    return (await app.models.payments.findOne({ accountId: a.id, item, provider: 'stripe' }).lean())?._id ?? '';
  };
  for (const item of ['pack-s', 'plan-plus']) {
    stripe.pay(await sessionOf(app, await orderOf(item)), 'card');
    await handAll(shop);
  }
  await app.models.payments.updateMany({ accountId: a.id, status: 'paid' }, { $set: { amountMinor: AMOUNT } });
  await sessionOf(app, await orderOf('pack-m'));
  await orderOf('pack-l');
  await a.say('buy item=pack-s with=stars');
}

/** One code was entered and waits, one has linked A and C, one is only shown. */
export async function link(a: Person, c: Person, undecided: Person): Promise<string[]> {
  const codes = [codeIn(await a.say('link'))];
  await undecided.say(`link code=${codes[0]}`);
  codes.push(codeIn(await a.say('link')));
  const offered = await c.say(`link code=${codes[1]}`);
  codes.push(codeIn(await a.say('link')));
  await c.say(lineIn(offered, 'link join='));
  return codes;
}

/** An address that is confirmed, and another that waits for its code. */
export async function mail({ letters }: Stage, a: Person, mark: string): Promise<string[]> {
  const codeOf = async (address: string) => {
    await a.say(`privacy correct mail ${address}`);
    return /\b\d{6}\b/.exec(letters.at(-1)?.text ?? '')?.[0] ?? '';
  };
  const first = await codeOf(`${mark}@example.com`);
  await a.say(`privacy correct code=${first}`);
  return [first, await codeOf(`${mark}.other@example.com`)];
}

/** All of them; of two videos in the gallery one is taken out again. */
export async function consents({ app }: Stage, a: Person, [first = '', second = '']: string[]) {
  for (const purpose of ['marketing', 'improvement']) {
    await a.say(lineIn(await a.say(`privacy consents grant=${purpose}`), 'privacy consents yes='));
  }
  const slugOf = async (id: string) => {
    await a.say(lineIn(await a.say(`privacy consents gallery=${id}`), 'privacy consents show='));
    const slug = (await app.models.galleryItems.findOne({ generation: id }).lean())?._id ?? '';
    await showInGallery(app, slug);
    return slug;
  };
  const [shown, withdrawn] = [await slugOf(first), await slugOf(second)];
  await a.say(`privacy consents hide=${second}`);
  return { shown, withdrawn };
}

/** One of each state; gives back a receipt. */
export async function erasures(stage: Stage, a: Person, [offered, doubted, waiting, done, running]: string[]): Promise<string> {
  const ask = (video: string | undefined) => a.say(`privacy delete video=${video}`);
  const sure = async (asked: Answer, when: 'later' | 'now') =>
    a.say(lineIn(await a.say(lineIn(asked, `privacy delete ${when}=`)), 'privacy delete sure='));
  await ask(offered);
  await a.say(lineIn(await ask(offered), 'privacy delete leave='));
  for (const scope of ['media', 'prompts', 'account']) await a.say(`privacy delete scope=${scope}`);
  await a.say(lineIn(await ask(doubted), 'privacy delete later='));
  await sure(await ask(waiting), 'later');
  const { follows = '' } = await sure(await ask(done), 'now');
  await stage.erase(follows);
  await sure(await ask(running), 'now');
  return (await stage.app.models.erasures.findById(follows).lean())?.receipt ?? '';
}

/** The account is about to be deleted. */
export async function leave(l: Person): Promise<void> {
  const doubted = await l.say(lineIn(await l.say('privacy delete scope=account'), 'privacy delete later='));
  await l.say(lineIn(doubted, 'privacy delete sure='));
  await l.say('videos');
}

/** A's archive as a file, another one under way; C's by a link; links to two videos. Their codes were entered in A's browser. */
export async function archives(stage: Stage, { a, c }: { a: Person; c: Person }, video: string, ofC: string) {
  const { sendings } = stage;
  const packed = await a.say('privacy export content=data');
  await stage.pack(packed.follows ?? '');
  await a.say('privacy export content=all');
  const small = { ...c.place, fileLimit: 0 } as Person['place'];
  await stage.pack((await c.say('privacy export content=data', { place: small })).follows ?? '');
  const byLink = sendings.at(-1);
  const offers = [await a.say(`videos download=${video}`), await c.say(`videos download=${ofC}`)];
  if (byLink) offers.push({ ...byLink.reply, words: byLink.words });
  return Promise.all(
    offers.map(async (offer) => {
      const [button] = offer.buttons?.flat().flatMap((one) => ('url' in one ? [one] : [])) ?? [];
      const code = /\b(\d{3}) ?(\d{3})\b/.exec(offer.words)?.slice(1).join('') ?? '';
      const { cookie, media: address } = await enter(button?.url ?? '', code);
      const { pathname } = new URL(address);
      return {
        url: button?.url ?? '',
        code,
        cookie,
        pass: cookie.slice(cookie.indexOf('=') + 1),
        media: address,
        token: pathname.slice(3),
      };
    }),
  );
}

/** News by e-mail, with its way out. */
export async function news({ app }: Stage, a: Person): Promise<void> {
  const proof = await prove(app, a.id, 'marketing');
  if (!proof) throw new Error('A does not want news');
  const id = `news-${randomBytes(16).toString('hex')}`;
  await sendNews(app, {}, proof, { id, way: 'mail', subject: 'New styles', text: 'Three of them.' });
}
