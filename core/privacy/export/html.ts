const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it may stand in a page and in an attribute. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '');

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1, h2 { line-height: 1.25; }
h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding-bottom: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; }
code { font-size: .9em; }
`;

/** The beginning of a page that needs nothing from outside and runs nothing. */
export const pageStart = (title: string): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
`;

export const PAGE_END = '</main>\n</body>\n</html>\n';

/** A cell: text, a number, or a link to a file beside this page. */
export type Cell = string | number | { link: string; words: string };

const number = (value: number) => value.toLocaleString('en');

function cell(value: Cell): string {
  if (typeof value === 'number') return `<td class="number">${number(value)}</td>`;
  if (typeof value === 'string') return `<td>${escaped(value)}</td>`;
  return `<td><a href="${escaped(value.link)}">${escaped(value.words)}</a></td>`;
}

export interface Heading {
  words: string;
  isNumber?: boolean;
}

export const tableStart = (caption: string, headings: readonly Heading[]): string =>
  `<table>\n<caption>${escaped(caption)}</caption>\n<thead><tr>${headings
    .map(({ words, isNumber }) => `<th scope="col"${isNumber ? ' class="number"' : ''}>${escaped(words)}</th>`)
    .join('')}</tr></thead>\n<tbody>\n`;

export const tableRow = (cells: readonly Cell[]): string => `<tr>${cells.map(cell).join('')}</tr>\n`;

export const TABLE_END = '</tbody>\n</table>\n';

/** "1.5 MB"; bytes in steps of a thousand. */
export function sizeOf(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const step = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}
