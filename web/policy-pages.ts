import type { Policy } from '../core/privacy/policies.ts';
import { CONTACT } from '../core/privacy/policy-texts.ts';
import { REGISTRY } from '../core/privacy/registry.ts';
import {
  type Basis,
  type CollectionRule,
  DATA_CLASSES,
  type DataClass,
  type PlaceRule,
  type Retention,
} from '../core/privacy/registry-types.ts';
import { dayOf } from '../core/texts/policies.ts';
import { escapeHtml } from './page.ts';

export interface PolicyShown {
  shown: Policy;
  inForce: Policy;
  /** Every published version, oldest first. */
  published: readonly Policy[];
  /** The version before the one that is shown. */
  before: Policy | undefined;
  at: number;
  config: { [name: string]: unknown };
}

/** A version of the policy, how it differs from the one before, what is held, who handles it, and the other versions. */
export function policyPage({ shown, inForce, published, before, at, config }: PolicyShown): string {
  return [
    `<h1>Privacy policy of LPM AI</h1>`,
    `<p class="note">Version ${shown.version}. ${standing(shown, inForce, at)} <a href="#held">What is held</a> · <a href="#processors">Who handles it</a> · <a href="#versions">All versions</a></p>`,
    ...published.filter(({ effectiveAt }) => effectiveAt.getTime() > at && shown === inForce).map(upcoming),
    before ? differences(shown, before) : '',
    ...shown.sections.map(section),
    heldTable(),
    processorsTable(config),
    versionsList(published, at),
  ].join('\n');
}

function standing({ version, effectiveAt }: Policy, inForce: Policy, at: number): string {
  const day = dayOf(effectiveAt);
  if (version === inForce.version) return `In force since ${day}.`;
  if (effectiveAt.getTime() > at)
    return `Takes effect on ${day}; until then <a href="/policy">the version of ${dayOf(inForce.effectiveAt)}</a> applies.`;
  return `It was in force from ${day}, and is no more: <a href="/policy">the version in force</a>.`;
}

/** What comes, on top of what holds. */
const upcoming = (policy: Policy): string => `<section aria-label="Upcoming version">
<p class="wrong">A new version takes effect on ${dayOf(policy.effectiveAt)}.</p>
${listOf(policy.changes)}
<p><a href="/policy/${policy.version}">Read version ${policy.version}</a></p>
</section>`;

const listOf = (lines: readonly string[]): string =>
  `<ul>\n${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('\n')}\n</ul>`;

/** In a few sentences, and paragraph by paragraph for those who want to compare. */
function differences(policy: Policy, before: Policy): string {
  const [now, then] = [paragraphsOf(policy), paragraphsOf(before)];
  const added = now.filter((one) => !then.includes(one)).map((one) => `<p><ins>${escapeHtml(one)}</ins></p>`);
  const removed = then.filter((one) => !now.includes(one)).map((one) => `<p><del>${escapeHtml(one)}</del></p>`);
  return `<section>
<h2>What is different from version ${before.version}</h2>
${listOf(policy.changes)}
<details>
<summary>Paragraph by paragraph: ${added.length} new, ${removed.length} gone</summary>
${[...removed, ...added].join('\n')}
</details>
</section>`;
}

const paragraphsOf = ({ sections }: Policy): string[] => sections.flatMap(({ paragraphs }) => [...paragraphs]);

const section = ({ title, paragraphs }: Policy['sections'][number]): string => `<section>
<h2>${escapeHtml(title)}</h2>
${paragraphs.map((paragraph) => `<p>${linked(paragraph)}</p>`).join('\n')}
</section>`;

/** Our own address and site can be followed. */
const linked = (text: string): string =>
  escapeHtml(text)
    .replaceAll(CONTACT.mail, `<a href="mailto:${CONTACT.mail}">${CONTACT.mail}</a>`)
    .replaceAll(CONTACT.site, `<a href="${CONTACT.site}">${CONTACT.site}</a>`);

const BASES: Record<Basis, string> = {
  contract: 'to do what you asked for',
  law: 'because the law demands it',
  consent: 'because you agreed to it',
  safety: 'to keep the service safe and honest',
};

function keptWords(retention: Retention): string {
  if ('days' in retention) return `${retention.days} ${retention.days === 1 ? 'day' : 'days'}`;
  if ('until' in retention) return `until ${retention.about}`;
  return { account: 'while you have an account', deployment: 'while the service runs', 'until done': 'until it is done' }[
    retention.kept
  ];
}

function erasedWords({ erase }: CollectionRule): string {
  switch (erase.how) {
    case 'delete':
      return 'deleted';
    case 'expire':
      return 'ends by itself, at the latest after that time';
    case 'keep':
      return `stays: ${erase.why}`;
    case 'pseudonymise':
      return `stays without your name: ${erase.why}`;
  }
}

const ERASED_PLACES: Record<PlaceRule['erase'], string> = {
  delete: 'deleted',
  expire: 'ends by itself, at the latest after that time',
  'holds nothing of a person': 'stays: it holds nothing of a person',
};

type Row = { class: DataClass; cells: readonly string[] };

/** One row for each kind of document, object and key of the registry: what is not in it is not held. */
function heldRows(): Row[] {
  const { collections, objects, redis } = REGISTRY;
  const documents = Object.values(collections).map((rule) => ({
    class: rule.class,
    cells: [rule.title, rule.purpose, BASES[rule.basis], keptWords(rule.retention), erasedWords(rule)],
  }));
  const places = [...Object.values(objects), ...Object.values(redis)].map((rule) => ({
    class: rule.class,
    cells: [rule.about, rule.purpose, BASES[rule.basis], rule.kept, ERASED_PLACES[rule.erase]],
  }));
  return [...documents, ...places];
}

function heldTable(): string {
  const rows = heldRows();
  const heads = ['What', 'What for', 'On what ground', 'How long', 'When you delete your account'];
  const classes = Object.entries(DATA_CLASSES) as [DataClass, string][];
  return `<section id="held">
<h2>What is held</h2>
<p>This list is made from the same register that drives exports, deletions and the removal of what is old.</p>
${classes
  .map(([name, title]) => {
    const own = rows.filter((row) => row.class === name).map(({ cells }) => cells);
    return own.length > 0 ? table(title, heads, own) : '';
  })
  .join('\n')}
<p class="note">Log lines hold numbers, codes and times, no words and no names; they are kept for ${REGISTRY.logDays} days.</p>
</section>`;
}

function processorsTable(config: PolicyShown['config']): string {
  const rows = REGISTRY.processors
    .filter(({ used }) => used(config))
    .map(({ name, does, gets, where, erase }) => [name, does, gets, where, erase]);
  return `<section id="processors">
<h2>Who handles it</h2>
${table('Those whom this service uses', ['Who', 'What it does', 'What it gets', 'Where', 'When you delete your account'], rows)}
</section>`;
}

/** A table that scrolls by itself on a phone, also with the keyboard. */
const table = (
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string => `<div class="scroll" role="region" aria-label="${escapeHtml(title)}" tabindex="0">
<table>
<caption>${escapeHtml(title)}</caption>
<thead><tr>${heads.map((head) => `<th scope="col">${escapeHtml(head)}</th>`).join('')}</tr></thead>
<tbody>
${rows
  .map(
    ([first = '', ...cells]) =>
      `<tr><th scope="row">${escapeHtml(first)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`,
  )
  .join('\n')}
</tbody>
</table>
</div>`;

const versionsList = (published: readonly Policy[], at: number): string => `<section id="versions">
<h2>All versions</h2>
<ol reversed>
${published
  .toReversed()
  .map(
    ({ version, effectiveAt }) =>
      `<li><a href="/policy/${version}">${version}</a>, ${effectiveAt.getTime() > at ? 'takes effect' : 'took effect'} on ${dayOf(effectiveAt)}</li>`,
  )
  .join('\n')}
</ol>
</section>`;
