import { isRecord, listOf } from '../json.ts';
import { CONTENT, FILES, FLAGS } from '../limits.ts';
import { componentsRule } from './components.ts';
import {
  boolean,
  complaint,
  type FormError,
  fields,
  integer,
  list,
  oneOf,
  type Path,
  type Rule,
  snowflake,
  text,
} from './form.ts';

/** What a bot may say about a message, in every route that makes or edits one. */
export interface MessageForm {
  content?: string | null;
  embeds?: Record<string, unknown>[] | null;
  components?: Record<string, unknown>[] | null;
  flags?: number | null;
  attachments?: { id: string | number; filename?: string | null; description?: string | null; title?: string | null }[] | null;
  allowed_mentions?: { parse?: string[] | null; users?: string[] | null } | null;
  tts?: boolean | null;
  nonce?: string | number | null;
  enforce_nonce?: boolean | null;
  message_reference?: { message_id: string; channel_id?: string | null; fail_if_not_exists?: boolean | null } | null;
}

const line = (max: number) => text(0, max);
const embed = fields({
  title: line(256),
  description: line(4096),
  fields: list(fields({ name: text(1, 256), value: text(1, 1024), inline: boolean }, ['name', 'value']), 0, 25),
  footer: fields({ text: line(2048) }, ['text']),
  author: fields({ name: line(256) }, ['name']),
  color: integer(0, 0xffffff),
});
const attachment = fields({ id: snowflake, filename: text(1, 1024), description: line(1024), title: line(1024) }, ['id']);
const nonce: Rule = (value, path) => (typeof value === 'number' ? integer(-(2 ** 63), 2 ** 63) : line(25))(value, path);

/** `v2` tells whether the message already has Components V2, which is final. */
export function messageRule(v2: boolean): Rule {
  return (value, path) => {
    const flags = isRecord(value) && typeof value.flags === 'number' ? value.flags : 0;
    const modern = v2 || (flags & FLAGS.componentsV2) !== 0;
    const errors = fields({
      content: line(CONTENT),
      embeds: list(embed, 0, 10),
      components: componentsRule(modern),
      flags: integer(0, 2 ** 31),
      attachments: list(attachment, 0, FILES),
      allowed_mentions: mentions,
      tts: boolean,
      nonce,
      enforce_nonce: boolean,
      message_reference: fields({ message_id: snowflake, channel_id: snowflake, fail_if_not_exists: boolean }, ['message_id']),
    })(value, path);
    return isRecord(value) ? [...errors, ...legacyFields(value, modern, path), ...embedSize(value, path)] : errors;
  };
}

/** With Components V2 everything is a component. */
function legacyFields(value: Record<string, unknown>, modern: boolean, path: Path): FormError[] {
  if (!modern) return [];
  const used = ['content', 'embeds', 'poll', 'sticker_ids'].filter((name) => {
    const given = value[name];
    return Array.isArray(given) ? given.length > 0 : given !== undefined && given !== null && given !== '';
  });
  return used.map((name) =>
    complaint(
      [...path, name],
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
      `The '${name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    ),
  );
}

function embedSize(value: Record<string, unknown>, path: Path): FormError[] {
  const length = (part: unknown): number =>
    isRecord(part)
      ? ['title', 'description', 'name', 'value', 'text'].reduce((sum, name) => sum + String(part[name] ?? '').length, 0)
      : 0;
  const total = listOf(value.embeds).reduce<number>((sum, each) => {
    const parts = isRecord(each) ? [each, each.footer, each.author, ...listOf(each.fields)] : [];
    return sum + parts.reduce<number>((inner, part) => inner + length(part), 0);
  }, 0);
  return total > 6000
    ? [complaint([...path, 'embeds'], 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum size of 6000')]
    : [];
}

const mentions: Rule = (value, path) => {
  const errors = fields({
    parse: list(oneOf('roles', 'users', 'everyone'), 0, 3),
    users: list(snowflake, 0, 100),
    roles: list(snowflake, 0, 100),
    replied_user: boolean,
  })(value, path);
  if (errors.length > 0 || !isRecord(value)) return errors;
  const both = listOf(value.parse).includes('users') && listOf(value.users).length > 0;
  return both
    ? [
        complaint(
          [...path, 'users'],
          'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
          'parse:["users"] and users: [ids...] are mutually exclusive.',
        ),
      ]
    : [];
};
