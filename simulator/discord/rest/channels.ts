import { checked, fields, snowflake } from '../forms/form.ts';
import { type MessageForm, messageRule } from '../forms/messages.ts';
import { NONCE_MS, PERMISSIONS } from '../limits.ts';
import {
  checkUploads,
  createMessage,
  deleteMessage,
  editMessage,
  isEphemeral,
  isV2,
  permissionsIn,
  requirePermissions,
  type Upload,
} from '../messages/messages.ts';
import { showDirect, showMessage } from '../messages/shown.ts';
import { type Channel, directChannel, type Reference, type StoredMessage, type World } from '../world.ts';
import { type Answer, refusal } from './refusals.ts';

export interface ChannelRequest {
  json: unknown;
  uploads: readonly Upload[];
  query: Record<string, string>;
}

function channelOf(world: World, id = ''): Channel {
  const channel = world.channels.get(id);
  if (!channel) throw refusal(10003);
  return channel;
}

/** POST /users/@me/channels: opening a chat works even with people who let nobody write to them. */
export function openDirect(world: World, { json }: ChannelRequest): Answer {
  const { recipient_id } = checked<{ recipient_id: string }>(fields({ recipient_id: snowflake }, ['recipient_id']), json);
  const user = world.users.get(String(recipient_id));
  if (!user) throw refusal(10013);
  if (user.bot) throw refusal(50033);
  return { status: 200, body: showDirect(directChannel(world, user), user) };
}

/** POST /channels/:id/messages */
export function postMessage(world: World, [id]: readonly string[], { json, uploads }: ChannelRequest): Answer {
  const channel = channelOf(world, id);
  const denied = world.knobs.denied.get(channel.id);
  if (denied) throw refusal(denied);
  requirePermissions(world, channel, 'sendMessages');
  if (channel.recipient && world.knobs.closedDms.has(channel.recipient.id)) throw refusal(50007);
  const form = checked<MessageForm>(messageRule(false), json);
  checkUploads(uploads, world.knobs.attachmentLimit);
  if (uploads.length > 0) requirePermissions(world, channel, 'attachFiles');
  if (form.embeds?.length) requirePermissions(world, channel, 'embedLinks');
  const nonce = form.nonce ?? undefined;
  const first = nonce === undefined ? undefined : remembered(world, channel, String(nonce));
  if (first && form.enforce_nonce) return { status: 200, body: showMessage(world, first) };
  const replyTo = referred(world, channel, form);
  const more = { ...(nonce !== undefined && { nonce }), ...(replyTo && { replyTo }) };
  const message = createMessage(world, channel, { form, uploads }, more);
  if (nonce !== undefined && !first) channel.nonces.set(String(nonce), { message, at: world.now() });
  return { status: 200, body: showMessage(world, message) };
}

function remembered(world: World, channel: Channel, nonce: string): StoredMessage | undefined {
  const known = channel.nonces.get(nonce);
  return known && world.now() - known.at <= NONCE_MS ? known.message : undefined;
}

function referred(world: World, channel: Channel, { message_reference: reference }: MessageForm): Reference | undefined {
  if (!reference) return undefined;
  if ((permissionsIn(world, channel) & PERMISSIONS.readMessageHistory) === 0n) throw refusal(160002);
  const message = world.messages.get(String(reference.message_id));
  const here = message?.channel === channel && !isEphemeral(message) ? message : undefined;
  if (!here && reference.fail_if_not_exists !== false) {
    const unknown = { code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' };
    throw refusal(50035, { errors: { message_reference: { _errors: [unknown] } } });
  }
  return here && { id: here.id, channel, message: here };
}

/** The message of the path; ephemeral ones are out of reach for the bot's token. */
function messageOf(world: World, [channelId, id = '']: readonly string[]): StoredMessage {
  const channel = channelOf(world, channelId);
  requirePermissions(world, channel);
  const message = world.messages.get(id);
  if (message?.channel !== channel || isEphemeral(message)) throw refusal(10008);
  return message;
}

/** GET /channels/:id/messages: newest first. */
export function listMessages(world: World, [id]: readonly string[], { query }: ChannelRequest): Answer {
  const channel = channelOf(world, id);
  requirePermissions(world, channel, 'readMessageHistory');
  const messages = channel.entries.flatMap((entry) => ('message' in entry && !isEphemeral(entry.message) ? [entry.message] : []));
  const limit = Math.min(100, Math.max(1, Number(query.limit ?? 50) || 50));
  return {
    status: 200,
    body: messages
      .slice(-limit)
      .reverse()
      .map((message) => showMessage(world, message)),
  };
}

/** GET /channels/:id/messages/:message */
export function readMessage(world: World, params: readonly string[]): Answer {
  const message = messageOf(world, params);
  requirePermissions(world, message.channel, 'readMessageHistory');
  return { status: 200, body: showMessage(world, message) };
}

/** PATCH /channels/:id/messages/:message: the bot's own only. */
export function patchMessage(world: World, params: readonly string[], { json, uploads }: ChannelRequest): Answer {
  const message = messageOf(world, params);
  if (message.author.id !== world.bot.id) throw refusal(50005);
  const form = checked<MessageForm>(messageRule(isV2(message)), json);
  checkUploads(uploads, world.knobs.attachmentLimit);
  editMessage(world, message, { form, uploads });
  return { status: 200, body: showMessage(world, message) };
}

/** DELETE /channels/:id/messages/:message: the bot's own only, since it manages no messages. */
export function removeMessage(world: World, params: readonly string[]): Answer {
  const message = messageOf(world, params);
  if (message.author.id !== world.bot.id) throw refusal(message.channel.guild ? 50013 : 50001);
  deleteMessage(world, message);
  return { status: 204 };
}
