import { type CollectionRule, DATA_CLASSES, type PlaceRule, type Registry } from '../registry-types.ts';
import { IMAGE_HOURS } from '../retention/images.ts';
import { keptRows } from './rows.ts';

/** `docs/privacy.md`, made from the registry: whatever is stored anywhere stands in it, or a test fails. */
export function registryPage(registry: Registry): string {
  return [
    INTRODUCTION,
    '## At a glance',
    table(
      ['class', 'what', 'what for', 'on which basis', 'how long', 'in the export', 'when the account is deleted'],
      keptRows(registry).map((row) => [
        DATA_CLASSES[row.class],
        row.what,
        row.purpose,
        row.basis,
        row.kept,
        row.export,
        row.erase,
      ]),
    ),
    `Pictures are gone ${IMAGE_HOURS} hours after the end of their video. An account that nobody uses for \`UNUSED_MONTHS\` is deleted after two notices, unless something that was paid for is left in it.`,
    '## Collections, path by path',
    ...Object.entries(registry.collections).map(([name, rule]) => collection(name, rule)),
    '## Redis',
    'By how a key goes on behind the name of the deployment.',
    places(registry.redis),
    '## Objects',
    places(registry.objects),
    '## Files',
    'Below `DATA_DIR`. A deployment with servers of its own has `work/` and, without `MASTER_KEY`, `master.key` only.',
    places(registry.files),
    '## Log fields',
    `JSON lines on standard output, with these fields and no others. Recommended: ${registry.logDays} days in whatever collects them.`,
    table(
      ['field', 'what'],
      Object.entries(registry.logs).map(([name, { about }]) => [code(name), about]),
    ),
    '## Who else handles data',
    'Hosts in capitals are settings. No other host is contacted on behalf of a person.',
    table(
      ['name', 'does', 'gets', 'where', 'when the account is deleted', 'hosts'],
      registry.processors.map(({ name, does, gets, where, erase, hosts }) => [
        name,
        does,
        gets,
        where,
        erase,
        hosts.map(code).join(' '),
      ]),
    ),
    PROOFS,
    '',
  ].join('\n\n');
}

const INTRODUCTION = `# What is kept, why, and what becomes of it

Made from \`core/privacy/registry\` by \`npm run privacy:page\`; change it there. A test compares the registry with every schema, log field,
Redis key and stored object, and this page with the registry. The same registry decides what an export holds, what a deletion removes, and
what the retention sweeper takes away.`;

const PROOFS = `## How this is proved

| what | how to run it |
|---|---|
| nothing is stored, logged or contacted that is not in this page | \`npx vitest run tests/core/privacy tests/docs/privacy.test.ts\` |
| the screen shows what the database holds; the access log shows every look | \`npx vitest run tests/commands/privacy tests/operate\` |
| nothing is kept beyond its limit, on a virtual clock | \`npx vitest run tests/core/privacy/retention.test.ts tests/core/privacy/unused.test.ts\` |
| no word of a person is readable at rest, before and after deletion | \`npx vitest run tests/privacy\` |
| oldest item of each kind against its limit | log lines \`oldest item, days that it may be kept\`, once an hour |

What an operator sees of a person: \`npm run operate -- look <id> --reason <why> --role <role>\`, which the person reads in \`/privacy access\`.`;

const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

function collection(name: string, { title, owners, paths, export: taken }: CollectionRule): string {
  const whose = owners.map(({ path, by }) => `${code(path)}${by === 'key' ? ' (a key)' : ''}`).join(', ');
  const isKept = Object.values(paths).some(({ whenKept }) => whenKept);
  const isTaken = taken === 'yes';
  const head = ['path', 'what', 'encrypted field', ...(isTaken ? ['exported'] : []), ...(isKept ? ['under a pseudonym'] : [])];
  const rows = Object.entries(paths).map(([path, { about, sealed, exportNot, whenKept }]) => [
    code(path),
    about,
    sealed ? `sealed (${sealed})` : '',
    ...(isTaken ? [exportNot ? `no: ${exportNot}` : 'yes'] : []),
    ...(isKept ? [whenKept ?? ''] : []),
  ]);
  const facts = `${whose ? `Whose: ${whose}.` : 'Nobody’s.'}${isTaken ? '' : ` Not exported: ${taken.not}.`}`;
  return `### ${name}: ${title}\n\n${facts}\n\n${table(head, rows)}`;
}

const places = (rules: Readonly<Record<string, PlaceRule>>): string =>
  table(
    ['name', 'what', 'what for', 'how long', 'encrypted', 'when the account is deleted'],
    Object.entries(rules).map(([name, { about, purpose, kept, encrypted, erase }]) => [
      code(name),
      about,
      purpose,
      kept,
      encrypted ? 'yes' : 'no',
      erase === 'delete' ? 'deleted' : erase === 'expire' ? 'ends by itself' : erase,
    ]),
  );
