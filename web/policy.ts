import type { IncomingMessage } from 'node:http';
import type { App } from '../core/app.ts';
import { type Policy, policyAt } from '../core/privacy/policies.ts';
import type { Answer } from './answer.ts';
import { isRead, page } from './page.ts';
import { policyPage } from './policy-pages.ts';

export const POLICY_PREFIX = '/policy';

/** The policy in force under /policy, every published version under /policy/<version>. Public, also for search engines. */
export async function policy(app: App, request: IncomingMessage, pathname: string): Promise<Answer | number> {
  const [, version] = /^\/policy(?:\/(\d{4}-\d{2}-\d{2}))?\/?$/.exec(pathname) ?? [];
  if (version === undefined && !/^\/policy\/?$/.test(pathname)) return 404;
  if (!isRead(request)) return 405;
  const at = app.now();
  const published = app.policies.filter(({ publishedAt }) => publishedAt.getTime() <= at);
  const inForce = policyAt(app.policies, at);
  const shown = version === undefined ? inForce : published.find((one) => one.version === version);
  if (!shown) return page(404, missing);
  const main = policyPage({ shown, inForce, published, before: earlierThan(published, shown), at, config: { ...app.config } });
  return page(200, { title: 'Privacy policy', main, wide: true, index: true });
}

const earlierThan = (published: readonly Policy[], { version }: Policy): Policy | undefined =>
  published.findLast((one) => one.version < version);

const missing = {
  title: 'No such version',
  main: '<h1>No such version</h1>\n<p>There is no policy of that day. <a href="/policy">The one in force</a></p>',
};
