import type { APIMessage, APIUser } from 'discord-api-types/v10';
import { isRecord, recordsOf } from '../json.ts';
import type { Interaction, Reference, StoredMessage, World } from '../world.ts';
import { isLoading } from './messages.ts';

const CALLBACK_TYPES = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;

/** A message as Discord's API shows it, with freshly signed addresses. */
export function showMessage(world: World, message: StoredMessage): APIMessage {
  const attachments = message.files.map((file) => world.files.attachment(file));
  const fromBot = message.author.id === world.bot.id;
  const shown = {
    id: message.id,
    channel_id: message.channel.id,
    type: message.replyTo ? 19 : message.interaction?.kind === 'command' ? 20 : 0,
    author: message.author,
    // without the message content intent a bot reads no words of others in guilds
    content: fromBot || !message.channel.guild ? message.content : '',
    timestamp: new Date(message.at).toISOString(),
    edited_timestamp: message.editedAt === undefined ? null : new Date(message.editedAt).toISOString(),
    tts: false,
    mention_everyone: false,
    mentions: message.mentions,
    mention_roles: [],
    attachments,
    embeds: message.embeds,
    components: message.components.map((component) => withMedia(world, message, component)),
    pinned: false,
    flags: message.flags,
    ...(message.nonce !== undefined && { nonce: message.nonce }),
    ...(message.replyTo && replied(world, message.replyTo)),
    ...(message.interaction && madeThrough(world, message.interaction)),
  };
  return shown as unknown as APIMessage; // components are kept as JSON; the schemas in the tests judge them
}

function replied(world: World, { id, channel, message }: Reference) {
  const guild = channel.guild && { guild_id: channel.guild.id };
  const referenced = message ? showMessage(world, withoutReference(message)) : null;
  return { message_reference: { type: 0, message_id: id, channel_id: channel.id, ...guild }, referenced_message: referenced };
}

function withoutReference({ replyTo: _, ...message }: StoredMessage): StoredMessage {
  return message;
}

function madeThrough(world: World, { id, kind, user, owners, pressed }: Interaction) {
  const about = { id, type: CALLBACK_TYPES[kind], user, authorizing_integration_owners: owners };
  return {
    application_id: world.applicationId,
    webhook_id: world.applicationId,
    interaction_metadata: pressed ? { ...about, interacted_message_id: pressed.id } : about,
  };
}

/** Galleries, files and thumbnails with the addresses that `attachment://name` stands for. */
function withMedia(world: World, message: StoredMessage, component: Record<string, unknown>): Record<string, unknown> {
  const inner = Array.isArray(component.components)
    ? { components: recordsOf(component.components).map((each) => withMedia(world, message, each)) }
    : {};
  const accessory = isRecord(component.accessory) ? { accessory: withMedia(world, message, component.accessory) } : {};
  const common = { description: null, spoiler: false };
  if (component.type === 12) {
    const items = recordsOf(component.items).map((item) => ({
      ...common,
      ...item,
      media: media(world, message, item.media),
    }));
    return { ...component, items };
  }
  if (component.type === 13) {
    const file = referredFile(message, component.file);
    return {
      spoiler: false,
      ...component,
      file: media(world, message, component.file),
      name: file?.name ?? null,
      size: file?.size ?? null,
    };
  }
  if (component.type === 11) return { ...common, ...component, media: media(world, message, component.media) };
  return { ...component, ...inner, ...accessory };
}

function media(world: World, message: StoredMessage, reference: unknown) {
  const file = referredFile(message, reference);
  const url = isRecord(reference) ? String(reference.url) : '';
  if (!file) return { id: message.id, url, proxy_url: url };
  const attachment = world.files.attachment(file);
  return {
    id: file.id,
    url: attachment.url,
    proxy_url: attachment.url,
    content_type: attachment.content_type ?? null,
    attachment_id: file.id,
  };
}

/** The file of the message that `{ url: 'attachment://name' }` names. */
export function referredFile(message: StoredMessage, reference: unknown) {
  const url = isRecord(reference) ? reference.url : undefined;
  return message.files.find((file) => url === `attachment://${file.name}`);
}

/** What a callback answers with `with_response`; a deferred message counts as a created one. */
export function showCallback(world: World, interaction: Interaction, type: number) {
  const { id, kind, channel, original } = interaction;
  const shown = original && {
    response_message_id: original.id,
    response_message_loading: isLoading(original),
    response_message_ephemeral: (original.flags & 64) !== 0,
  };
  const guild = channel.guild && { guild_id: channel.guild.id };
  const about = { id, type: CALLBACK_TYPES[kind], channel_id: channel.id, ...guild, ...shown };
  if (!original || type > 7) return { interaction: about };
  return { interaction: about, resource: { type: type <= 5 ? 4 : 7, message: showMessage(world, original) } };
}

/** A private channel as Discord's API shows it. */
export function showDirect(channel: { id: string }, recipient: APIUser) {
  return { id: channel.id, type: 1, last_message_id: null, flags: 0, recipients: [recipient] };
}
