import type { APIUser } from 'discord-api-types/v10';
import { walkComponents } from '../forms/components.ts';
import { complaint, formRefusal } from '../forms/form.ts';
import type { MessageForm } from '../forms/messages.ts';
import { isRecord, recordsOf } from '../json.ts';
import { FILES, FLAGS, PERMISSIONS, USUAL_PERMISSIONS } from '../limits.ts';
import { refusal } from '../rest/refusals.ts';
import { type Channel, changed, type Interaction, type Reference, type StoredMessage, type World } from '../world.ts';

export interface Upload {
  /** n of files[n]. */
  id: string;
  name: string;
  type: string;
  data: Buffer;
}

/** What came with a request to make or edit a message. */
export interface MessageBody {
  form: MessageForm;
  uploads: readonly Upload[];
}

export const isEphemeral = (message: StoredMessage): boolean => (message.flags & FLAGS.ephemeral) !== 0;
export const isLoading = (message: StoredMessage): boolean => (message.flags & FLAGS.loading) !== 0;
export const isV2 = (message: StoredMessage): boolean => (message.flags & FLAGS.componentsV2) !== 0;

/** The bot's permission bits in a channel. */
export function permissionsIn(world: World, channel: Channel): bigint {
  return world.knobs.permissions.get(channel.id) ?? (channel.guild && !channel.guild.hasBot ? 0n : USUAL_PERMISSIONS);
}

/** Refuses files that are too many or, beyond `limit` bytes, too large. */
export function checkUploads(uploads: readonly Upload[], limit: number): void {
  if (uploads.some((upload) => upload.data.length > limit)) throw refusal(40005);
  if (uploads.length > FILES) throw tooManyFiles();
}

function tooManyFiles() {
  return formRefusal([complaint(['attachments'], 'BASE_TYPE_MAX_LENGTH', `Must be ${FILES} or fewer in length.`)]);
}

export function createMessage(
  world: World,
  channel: Channel,
  body: MessageBody,
  more: {
    flags?: number;
    author?: APIUser;
    interaction?: Interaction;
    replyTo?: Reference;
    nonce?: string | number;
  } = {},
): StoredMessage {
  const { flags = 0, author = world.bot, ...rest } = more;
  const blank = { content: '', embeds: [], components: [], files: [], mentions: [], edited: false, deleted: false };
  const message: StoredMessage = { id: world.id(), channel, author, ...blank, flags, at: world.now(), ...rest };
  fill(world, message, body);
  if ((flags & FLAGS.loading) === 0) refuseEmpty(message);
  world.messages.set(message.id, message);
  channel.entries.push({ message });
  changed(channel);
  return message;
}

/** What the form does not name stays; files stay unless `attachments` is given and does not name them. */
export function editMessage(world: World, message: StoredMessage, body: MessageBody): void {
  const draft = { ...message };
  fill(world, draft, body);
  draft.flags &= ~FLAGS.loading;
  refuseEmpty(draft);
  draft.edited = message.edited || !isLoading(message);
  draft.editedAt = world.now();
  Object.assign(message, draft);
  changed(message.channel);
}

export function deleteMessage(world: World, message: StoredMessage): void {
  message.deleted = true;
  world.messages.delete(message.id);
  message.channel.entries = message.channel.entries.filter((entry) => !('message' in entry) || entry.message !== message);
  changed(message.channel);
}

function fill(world: World, message: StoredMessage, { form, uploads }: MessageBody): void {
  refuseStrangeSkus(world, form.components);
  if (form.content !== undefined) {
    message.content = (form.content ?? '').trim();
    message.mentions = mentioned(world, message.content, form.allowed_mentions);
  }
  if (form.embeds !== undefined) message.embeds = (form.embeds ?? []).map((embed) => ({ type: 'rich', ...withoutNulls(embed) }));
  message.flags |= (form.flags ?? 0) & (FLAGS.componentsV2 | FLAGS.suppressEmbeds);
  const named = form.attachments ?? undefined;
  const entryOf = (id: string) => named?.find((entry) => String(entry.id) === id);
  const isEdit = world.messages.has(message.id);
  const kept = message.files.filter((file) => named === undefined || entryOf(file.id) !== undefined);
  const wanted = uploads.filter((upload) => !isEdit || named === undefined || entryOf(upload.id) !== undefined);
  const added = wanted.map((upload) => {
    const { filename, description, title } = entryOf(upload.id) ?? {};
    const about = { name: filename ?? upload.name, description, title, ephemeral: isEphemeral(message) };
    return world.files.add({ id: world.id(), channel: message.channel.id, data: upload.data, ...about });
  });
  message.files = [...kept, ...added];
  if (message.files.length > FILES) throw tooManyFiles();
  if (form.components !== undefined) message.components = numbered(form.components ?? []);
}

/** A premium button sells what the application has. */
function refuseStrangeSkus(world: World, components: MessageForm['components']): void {
  const premium = walkComponents(components).filter((each) => each.type === 2 && each.style === 6);
  if (premium.some((each) => !world.premium.skus.has(String(each.sku_id)))) throw refusal(50057);
}

function refuseEmpty(message: StoredMessage): void {
  const parts = [message.content, ...message.embeds, ...message.components, ...message.files];
  if (parts.every((part) => part === '')) throw refusal(50006);
}

/** Known users whom the content names and the bot allowed itself to ping. */
function mentioned(world: World, content: string, allowed: MessageForm['allowed_mentions']): APIUser[] {
  const ids = new Set([...content.matchAll(/<@!?(\d+)>/g)].map(([, id]) => id ?? ''));
  const everybody = !allowed || allowed.parse?.includes('users');
  return [...ids].flatMap((id) => {
    const user = world.users.get(id);
    return user && (everybody || allowed?.users?.includes(id)) ? [user] : [];
  });
}

function withoutNulls<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null)) as T; // only nulls went away
}

/** Gives every component the number Discord gives it, in reading order, and what Discord fills in. */
function numbered(components: Record<string, unknown>[]): Record<string, unknown>[] {
  let last = 0;
  const DEFAULTS: Record<number, Record<string, unknown>> = {
    14: { spacing: 1, divider: true },
    17: { accent_color: null, spoiler: false },
  };
  const number = (component: Record<string, unknown>): Record<string, unknown> => {
    last += 1;
    const id = Number(component.id) || last;
    const inner = Array.isArray(component.components) ? { components: recordsOf(component.components).map(number) } : {};
    const accessory = isRecord(component.accessory) ? { accessory: number(component.accessory) } : {};
    return { ...DEFAULTS[Number(component.type)], ...withoutNulls(component), id, ...inner, ...accessory };
  };
  return components.map(number);
}

/** Throws where the bot lacks one of the permissions in the channel. */
export function requirePermissions(world: World, channel: Channel, ...names: (keyof typeof PERMISSIONS)[]): void {
  const has = permissionsIn(world, channel);
  if ((has & PERMISSIONS.viewChannel) === 0n) throw refusal(50001);
  for (const name of names) if ((has & PERMISSIONS[name]) === 0n) throw refusal(50013);
}
