import { expect, onTestFinished, test } from 'vitest';
import { policyAt } from '../../core/privacy/policies.ts';
import { POLICIES } from '../../core/privacy/policy-texts.ts';
import { REGISTRY } from '../../core/privacy/registry.ts';
import { escapeHtml } from '../../web/page.ts';
import { startWeb } from '../../web/server.ts';
import { SECOND, shareTold } from '../core/privacy/told.ts';

const openTold = shareTold();

async function open(policies = [...POLICIES, SECOND]) {
  const told = await openTold({ policies });
  const web = await startWeb(told.app, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => web.close());
  const read = async (path: string, method = 'GET') => {
    const response = await fetch(`${web.url}${path}`, { method });
    return { status: response.status, headers: response.headers, html: await response.text() };
  };
  return { ...told, read };
}

test('the text keeps every promise of the published policy, and names where to ask', () => {
  const text = policyAt(POLICIES, Date.UTC(2026, 0, 1))
    .sections.flatMap(({ paragraphs }) => paragraphs)
    .join('\n');
  for (const promise of [
    /encrypted on every way it travels.*wherever it is stored/,
    /only people whose work needs it can look/,
    /audited and checked regularly/,
    /nothing that is connected to the internet is perfectly safe/,
    /Working copies live for as long as that takes/,
    /figures that are about nobody in particular/,
    /The videos are yours, within the law and the settings of your account/,
    /do not advertise with anything you made unless you say yes/,
    /do not sell your data, trade it or hand it on/,
    /the law or a lawful request.*rights, the property or the safety.*payment providers and providers of AI.*agreed to for one purpose/,
    /For as long as you use your account, or until you delete/,
    /Writing to our support works just as well/,
    /To see everything.*take it with you.*put something right.*deleted/,
    /News about our product reaches you only if you asked/,
    /A new version appears on this page.*also told by e-mail/s,
    /support@lpmai\.art.*https:\/\/www\.lpmai\.art/,
    /Card numbers and billing details stay with the provider/,
  ]) {
    expect(text).toMatch(promise);
  }
});

test('the page shows the version in force to everybody, also to search engines, without script or cookie', async () => {
  const { read } = await open();
  const { status, headers, html } = await read('/policy');
  expect(status).toBe(200);
  for (const { title } of POLICIES[0]?.sections ?? []) expect(html).toContain(`<h2>${escapeHtml(title)}</h2>`);
  expect(html).toContain('In force since 21 December 2025.');
  expect(html).not.toMatch(/noindex|<script|2027-03-01/);
  expect(headers.get('x-robots-tag')).toBeNull();
  expect(headers.get('set-cookie')).toBeNull();
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'/);
});

test('a coming version is announced on top, and can be read and compared before its day', async () => {
  const { read, clock } = await open();
  expect((await read('/policy/2027-03-01')).status).toBe(404);
  clock.at = SECOND.publishedAt.getTime();
  const { html } = await read('/policy');
  expect(html.indexOf('A new version takes effect on 1 March 2027.')).toBeGreaterThan(0);
  expect(html.indexOf('A new version')).toBeLessThan(html.indexOf('What this page is about'));
  const coming = await read('/policy/2027-03-01');
  expect(coming.html).toContain('Takes effect on 1 March 2027; until then');
  expect(coming.html).toContain('<li>Logs are kept for 7 days instead of 14.</li>');
  expect(coming.html).toContain('<ins>Everything is as before, but &#60;shorter&#62;.</ins>');
  expect(coming.html).toContain('<del>');
});

test('after its day the new version is in force, and the old one stays readable', async () => {
  const { read, clock } = await open();
  clock.at = SECOND.effectiveAt.getTime();
  expect((await read('/policy')).html).toContain('Version 2027-03-01. In force since 1 March 2027.');
  expect((await read('/policy/2025-12-21')).html).toContain('and is no more');
});

test('the table holds everything of the register, and the processors are those that this deployment uses', async () => {
  const { read, app } = await open();
  const { html } = await read('/policy');
  const { collections, objects, redis, processors } = REGISTRY;
  for (const { title } of Object.values(collections)) expect(html).toContain(`<th scope="row">${escapeHtml(title)}</th>`);
  for (const { about } of [...Object.values(objects), ...Object.values(redis)]) expect(html).toContain(escapeHtml(about));
  for (const { name, used } of processors) {
    expect(html.includes(`<th scope="row">${name}</th>`)).toBe(used({ ...app.config }));
  }
  expect(processors.some(({ used }) => !used({ ...app.config }))).toBe(true);
});

test('looking is all one can do, and only at versions that there are', async () => {
  const { read } = await open();
  expect((await read('/policy', 'POST')).status).toBe(405);
  expect((await read('/policy', 'HEAD')).status).toBe(200);
  for (const path of ['/policy/2024-01-01', '/policy/x', '/policyx', '/policy/2025-12-21/x'])
    expect((await read(path)).status).toBe(404);
});
