import { enter, type Visited, visit } from '../../web/visit.ts';
import type { Attempt, Got } from './attack.ts';
import { lineIn, type Person } from './people.ts';
import type { World } from './world.ts';

/** A browser of B's: with the pass of a link of B's own. */
export interface Browser {
  cookie: string;
  code: string;
  /** The token of the pay page of an order of B's. */
  payToken: string;
}

/** B opens a link to a video, and the page of an order, both their own. */
export async function openBrowser(b: Person): Promise<Browser> {
  const shown = lineIn(await b.say('videos'), 'videos show=');
  const offer = await b.say(shown.replace('show=', 'download='));
  const urlOf = ({ buttons = [] }: typeof offer) => buttons.flat().flatMap((one) => ('url' in one ? [one.url] : []))[0] ?? '';
  const code = /\b(\d{3}) (\d{3})\b/.exec(offer.words)?.slice(1).join('') ?? '';
  const { cookie } = await enter(urlOf(offer), code);
  const order = await visit(urlOf(await b.say('buy item=pack-s with=card')));
  return { cookie, code, payToken: /name="token" value="([^"]+)"/.exec(order.body.toString())?.[1] ?? '' };
}

/** A page may be read by anybody; a file, a pass or a way on is something that was handed over. */
export function readVisit({ status, headers, body }: Visited, isPublic: boolean): Got {
  const type = String(headers['content-type'] ?? '');
  const isFile = status < 300 && !/^text\//.test(type) && !isPublic;
  const gift = isFile
    ? `a file (${type})`
    : headers['set-cookie']
      ? 'a pass'
      : status >= 300 && status < 400
        ? 'a way on'
        : undefined;
  const { date: _, ...told } = headers;
  return { text: JSON.stringify(told) + (isFile ? '' : body.toString()), gift };
}

/** GET, HEAD and POST of one address, with and without a form, from our own page and from another, with and without a pass of B's. */
function visitsOf(url: string, { cookie, code, payToken }: Browser, shown: string): Attempt[] {
  const isPublic = isShown(url, shown);
  const { origin, pathname } = new URL(url);
  const own = { origin, cookie };
  const kinds: [string, Parameters<typeof visit>[1]][] = [
    ['GET', {}],
    ['GET with a pass', { headers: { cookie } }],
    ['GET of a part', { headers: { cookie, range: 'bytes=0-99' } }],
    ['HEAD', { method: 'HEAD' }],
    ['POST', { method: 'POST' }],
    ['POST of a form', { form: { code: '', token: '', receipt: '' }, headers: own }],
    ['POST of a form elsewhere', { form: { code, token: payToken }, headers: { origin: 'https://evil.example' } }],
    ['POST of my own code', { form: { code, token: payToken }, headers: own }],
    ['DELETE', { method: 'DELETE', headers: own }],
  ];
  // The way out of news is for whoever has its address: see what is open by design.
  const tried = pathname.startsWith('/news/') ? kinds.filter(([about]) => !about.startsWith('POST of')) : kinds;
  return tried.map(([about, options]) => ({
    about: `${about} ${pathname.replace(/[\w.-]{60,}/, '…')}`,
    // The gallery names what is shown in it.
    sent: pathname === '/gallery' ? `${url}/${shown}` : url,
    go: async () => readVisit(await visit(url, options), isPublic),
  }));
}

/** Every address of ours that A ever saw, and those within them. */
export function seenVisits({ seen, stage, gallery, downloads }: World, browser: Browser): Attempt[] {
  const isOurs = (url: string) => new URL(url).origin === stage.origin;
  const slugs = [gallery.shown, gallery.withdrawn].flatMap((slug) =>
    ['', '.mp4', '.jpg'].map((form) => `${stage.origin}/gallery/${slug}${form}`),
  );
  const all = new Set([
    ...[...seen.urls].filter(isOurs),
    ...slugs,
    ...downloads.map(({ media }) => media),
    `${stage.origin}/gallery`,
  ]);
  return [...all].flatMap((url) => visitsOf(url, browser, gallery.shown));
}

const isShown = (url: string, shown: string): boolean => url.includes(`/gallery/${shown}`);

/** Addresses of media with a letter changed, another link's, another time; with no pass, B's, or that of another link of A's. */
export function tokenVisits({ downloads, stage }: World, browser: Browser): Attempt[] {
  return downloads.flatMap(({ media, cookie, token }, index) => {
    const [id = '', until = '', mac = ''] = token.split('.');
    const other = downloads[(index + 1) % downloads.length];
    const [otherId = ''] = other?.token.split('.') ?? [];
    const tokens = [
      `${id}.${Number(until) + 60_000}.${mac}`,
      `${id}.${until}.${mac.replace(/^./, (one) => (one === 'A' ? 'B' : 'A'))}`,
    ];
    const forged = [...tokens, `${otherId}.${until}.${mac}`, `${id}.${until}`, `${token}.x`, `${id}.${until}.`].map(
      (each) => [`${stage.origin}/m/${each}`, cookie, 'forged, with their pass'] as const,
    );
    const foreign = [undefined, browser.cookie, other?.cookie, `d=${token}`].map(
      (pass) => [media, pass, 'without their pass'] as const,
    );
    return [...forged, ...foreign].map(([url, pass, about]) => ({
      about: `media ${about}`,
      sent: `${url} ${pass ?? ''}`,
      go: async () => readVisit(await visit(`${url}?save=1`, pass ? { headers: { cookie: pass } } : {}), false),
    }));
  });
}

const FORMS = ['/d/*', '/pay/*', '/news/*', '/receipt/*'];
const ROUTES = [...FORMS, '/m/*', '/pay/*/done', '/gallery/*', '/gallery/*.mp4', '/gallery/*.jpg', '/policy/*'];

/** Every address that can be made of an id, on every route; a form is sent where one is taken. */
export function madeVisits({ ids, stage, gallery }: World, { cookie }: Browser): Attempt[] {
  const { origin } = stage;
  const sending = { form: { code: '', token: '', receipt: '' }, headers: { origin, cookie } };
  const kinds = [
    ...ROUTES.map((route) => ['GET', route, {}] as const),
    ...FORMS.map((route) => ['POST', route, sending] as const),
  ];
  return ids.flatMap(({ id, where }) =>
    kinds.map(([method, route, options]) => {
      const url = origin + route.replace('*', encodeURIComponent(id));
      const go = async () => readVisit(await visit(url, options), isShown(url, gallery.shown));
      return { about: `${method} ${route} with ${where}`, sent: id, go };
    }),
  );
}
