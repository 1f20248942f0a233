import {
  type APIActionRowComponent,
  type APIAllowedMentions,
  type APIButtonComponent,
  ButtonStyle,
  ComponentType,
  MessageFlags,
} from 'discord.js';
import type { Button, Reply, Span, Video } from '../../core/chat.ts';
import { escapeMarkdown, inlineCode } from './markdown.ts';

/** Characters in one message (Discord, resources/message). */
export const CONTENT_LIMIT = 2000;
const LABEL_LIMIT = 80;
const ADDRESS_LIMIT = 512;
const ROWS = 5;
const BUTTONS_IN_A_ROW = 5;

/** The JSON of a message, good for creating one and for replacing all of an earlier one. */
export interface Message {
  content: string;
  components: APIActionRowComponent<APIButtonComponent>[];
  allowed_mentions: APIAllowedMentions;
  attachments: { id: string; filename: string; description?: string }[];
  flags: MessageFlags;
}

/** `mention` is the id of the person to call by name; nobody else is ever notified, whatever the text says. */
export function toMessage(reply: Reply, mention?: string): Message {
  const call = mention === undefined ? '' : `<@${mention}>\n`;
  return {
    content: call + toContent(reply.text, CONTENT_LIMIT - call.length),
    components: toRows(reply.buttons ?? []),
    allowed_mentions: mention === undefined ? { parse: [] } : { parse: [], users: [mention] },
    // An address of ours (to pay, to download) is for pressing, not for a preview.
    flags: MessageFlags.SuppressEmbeds,
    attachments: toAttachments(reply),
  };
}

/** Spans as Discord's markdown, at most `limit` characters: what does not fit is cut between words and ends in an ellipsis. */
export function toContent(spans: readonly Span[], limit: number): string {
  const pieces = joinStrings(spans);
  const whole = pieces.reduce(append, '').trimEnd();
  if (whole.length <= limit) return whole;
  let text = '';
  for (const piece of pieces) {
    const longer = append(text, piece);
    if (longer.length > limit - 1) return `${appendPart(text, piece, limit - 1)}…`;
    text = longer;
  }
  return text;
}

/** A marked line start may be spread over two strings, so neighbours are escaped as one. */
function joinStrings(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (typeof span === 'string' && typeof last === 'string') joined[joined.length - 1] = last + span;
    else joined.push(span);
  }
  return joined;
}

function append(before: string, span: Span): string {
  if (typeof span !== 'string' && 'quote' in span) {
    const lines = span.quote.split(/\r\n|\r|\n/).map((line) => `> ${escapeMarkdown(line)}`);
    return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${lines.join('\n')}`;
  }
  const next = show(span);
  if (next === '') return before;
  const inQuote = /(?:^|\n)> [^\n]*$/.test(before);
  if (inQuote && !next.startsWith('\n')) return `${before}\n${next}`;
  // Two runs of asterisks side by side would be read as one.
  return before.endsWith('**') && next.startsWith('**') ? `${before}\u200b${next}` : before + next;
}

function show(span: Exclude<Span, { quote: string }>): string {
  if (typeof span === 'string') return escapeMarkdown(span, true);
  if ('bold' in span) return span.bold === '' ? '' : `**${escapeMarkdown(span.bold)}**`;
  if ('code' in span) return inlineCode(span.code);
  return `<t:${Math.floor(span.when.getTime() / 1000)}:R>`;
}

function appendPart(before: string, span: Span, limit: number): string {
  const letters = [...new Intl.Segmenter().segment(words(span).slice(0, limit + 100))].map(({ segment }) => segment);
  while (letters.length > 0 && append(before, withWords(span, letters.join(''))).length > limit) letters.pop();
  const gap = letters.findLastIndex((letter) => /\s/.test(letter));
  const kept = gap > letters.length - 30 && gap > 0 ? letters.slice(0, gap) : letters;
  return kept.length === 0 ? before : append(before, withWords(span, kept.join('')));
}

function words(span: Span): string {
  if (typeof span === 'string') return span;
  if ('bold' in span) return span.bold;
  if ('code' in span) return span.code;
  return 'quote' in span ? span.quote : '';
}

function withWords(span: Span, text: string): Span {
  if (typeof span === 'string') return text;
  if ('bold' in span) return { bold: text };
  if ('code' in span) return { code: text };
  return 'quote' in span ? { quote: text } : span;
}

function toRows(rows: readonly Button[][]): Message['components'] {
  const used = new Set<string>();
  // Discord refuses a message that carries one custom_id twice; the second button would do the same anyway.
  const distinct = (button: Button) => {
    const effect = JSON.stringify({ ...button, label: undefined, tone: undefined });
    return !used.has(effect) && used.add(effect);
  };
  return rows
    .map((row) => row.filter((button) => canShow(button) && distinct(button)))
    .filter((row) => row.length > 0)
    .slice(0, ROWS)
    .map((row) => ({ type: ComponentType.ActionRow, components: row.slice(0, BUTTONS_IN_A_ROW).map(toButton) }));
}

const STYLES = { primary: ButtonStyle.Primary, danger: ButtonStyle.Danger, plain: ButtonStyle.Secondary } as const;

function toButton(button: Button): APIButtonComponent {
  const type = ComponentType.Button;
  // Discord writes the name and the price on it, and nothing else is allowed.
  if ('sku' in button) return { type, style: ButtonStyle.Premium, sku_id: button.sku };
  const { label } = button;
  const short = label.length > LABEL_LIMIT ? `${label.slice(0, LABEL_LIMIT - 1)}…` : label;
  if ('url' in button) return { type, style: ButtonStyle.Link, label: short, url: button.url };
  return { type, style: STYLES[button.tone ?? 'plain'], label: short, custom_id: button.command };
}

/** An address that Discord would refuse, and the whole message with it, is left out. */
function canShow(button: Button): boolean {
  return !('url' in button) || (button.url.length <= ADDRESS_LIMIT && /^https?:\/\/[^\s/]/.test(button.url));
}

function toAttachments({ video, file }: Reply): Message['attachments'] {
  if (video) return [{ id: '0', filename: video.name, description: describeVideo(video) }];
  return file ? [{ id: '0', filename: file.name }] : [];
}

function describeVideo({ seconds, width, height }: Video): string {
  return `Video, ${Math.round(seconds * 10) / 10} s, ${width} × ${height}`;
}
