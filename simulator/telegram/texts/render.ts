import type { MessageEntity } from '@grammyjs/types';

const escapeHtml = (plain: string): string =>
  plain.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`).replace(/\n/g, '<br>');

/** Safe HTML (b, i, code, blockquote, br, time) of a text with its entities; other formatting shows as plain words. */
export function render(text: string, entities: readonly MessageEntity[] = []): string {
  const ordered = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return renderRange(text, ordered, 0, text.length);
}

/** The same as plain words: a quotation stands on lines of its own, as a person sees it. */
export function plainWords(text: string, entities: readonly MessageEntity[] = []): string {
  const quotes = entities.filter(({ type }) => type === 'blockquote' || type === 'expandable_blockquote');
  const borders = new Set(quotes.flatMap(({ offset, length }) => [offset, offset + length]));
  const isBreak = (at: number) => at === 0 || at === text.length || text[at - 1] === '\n' || text[at] === '\n';
  const cuts = [...borders].filter((at) => !isBreak(at)).sort((a, b) => a - b);
  return [0, ...cuts].map((at, index) => text.slice(at, cuts[index])).join('\n');
}

/** Entities nest or follow each other; one that reaches over the end of its parent is cut there. */
function renderRange(text: string, entities: readonly MessageEntity[], from: number, to: number): string {
  let html = '';
  let at = from;
  for (const [index, entity] of entities.entries()) {
    if (entity.offset < at) continue;
    const end = Math.min(entity.offset + entity.length, to);
    const inside = entities.slice(index + 1).filter(({ offset }) => offset < end);
    html += escapeHtml(text.slice(at, entity.offset)) + wrap(entity, renderRange(text, inside, entity.offset, end));
    at = end;
  }
  return html + escapeHtml(text.slice(at, to));
}

function wrap(entity: MessageEntity, inside: string): string {
  switch (entity.type) {
    case 'bold':
      return `<b>${inside}</b>`;
    case 'italic':
      return `<i>${inside}</i>`;
    case 'code':
    case 'pre':
      return `<code>${inside}</code>`;
    case 'blockquote':
    case 'expandable_blockquote':
      return `<blockquote>${inside}</blockquote>`;
    case 'date_time':
      return `<time datetime="${new Date(entity.unix_time * 1000).toISOString()}">${inside}</time>`;
    case 'text_link':
      return `${inside} (${escapeHtml(entity.url)})`;
    default:
      return inside;
  }
}
