import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ChannelType,
  ComponentType,
  InteractionContextType,
  InteractionType,
  PermissionFlagsBits,
} from 'discord.js';
import { z } from 'zod';
import type { DiscordPlace, Request } from '../../core/chat.ts';
import { toUpload } from './attachment.ts';

/** Bytes a file may have where the interaction does not say (Discord, reference, uploading files). */
const FILE_LIMIT = 10 * 1024 * 1024;

/** A request and where it may be answered, or the reason why it is none of ours. */
export type Read = { request: Request & { place: DiscordPlace } } | { ignored: string };

const Snowflake = z.string().regex(/^\d{1,20}$/);
const User = z.object({ id: Snowflake, username: z.string(), global_name: z.string().nullish() });
const Attachment = z.object({ id: Snowflake, url: z.string(), size: z.number().int().nonnegative() });

const Envelope = z.object({
  id: Snowflake,
  application_id: Snowflake,
  token: z.string().regex(/^[^\s/?#]+$/),
  channel_id: Snowflake,
  channel: z.object({ type: z.number().optional() }).optional(),
  context: z.number().nullish(),
  authorizing_integration_owners: z.record(z.string(), z.unknown()).default({}),
  app_permissions: z.string().regex(/^\d+$/).default('0'),
  attachment_size_limit: z.number().int().positive().default(FILE_LIMIT),
  locale: z.string().optional(),
  user: User.optional(),
  member: z.object({ user: User }).optional(),
});
type Envelope = z.infer<typeof Envelope>;

const Given = z.object({
  name: z.string(),
  type: z.number(),
  value: z.union([z.string(), z.number(), z.boolean()]).optional(),
});

const SlashCommand = z.object({
  type: z.literal(ApplicationCommandType.ChatInput),
  name: z.string(),
  options: z.array(Given.extend({ options: z.array(Given).default([]) })).default([]),
  resolved: z.object({ attachments: z.record(z.string(), Attachment).default({}) }).default({ attachments: {} }),
});

const PressedButton = z.object({ component_type: z.literal(ComponentType.Button), custom_id: z.string().min(1) });

/**
 * A raw INTERACTION_CREATE payload as a request. `at` is when it arrived (milliseconds since the epoch), `origins` where
 * attached files may be fetched from. Reads nothing but its arguments.
 */
export function readInteraction(raw: unknown, { at, origins }: { at: number; origins: readonly string[] }): Read {
  const kind = z.object({ type: z.number(), data: z.unknown().optional() }).safeParse(raw);
  if (!kind.success) return { ignored: 'no_interaction' };
  const { type, data } = kind.data;
  if (type !== InteractionType.ApplicationCommand && type !== InteractionType.MessageComponent) {
    return { ignored: `interaction_${type}` };
  }
  const envelope = Envelope.safeParse(raw);
  if (!envelope.success) return { ignored: 'unknown_envelope' };
  const user = envelope.data.member?.user ?? envelope.data.user;
  if (!user) return { ignored: 'nobody' };
  const asked = type === InteractionType.ApplicationCommand ? readCommand(data, origins) : readPress(data);
  if (!asked) return { ignored: type === InteractionType.ApplicationCommand ? 'unknown_command' : 'unknown_component' };
  const person = { name: user.global_name ?? user.username, language: envelope.data.locale };
  return { request: { id: `dc-${envelope.data.id}`, place: toPlace(envelope.data, user.id, at), person, at, ...asked } };
}

type Asked = Pick<Request, 'command' | 'sub' | 'words' | 'values' | 'image'>;

function readCommand(data: unknown, origins: readonly string[]): Asked | undefined {
  const parsed = SlashCommand.safeParse(data);
  if (!parsed.success) return undefined;
  const { name, options, resolved } = parsed.data;
  const [first] = options;
  const sub = first?.type === ApplicationCommandOptionType.Subcommand ? first : undefined;
  const values: Record<string, string | number> = {};
  let file: z.infer<typeof Attachment> | undefined;
  for (const option of sub?.options ?? options) {
    if (option.type === ApplicationCommandOptionType.Attachment) file = resolved.attachments[String(option.value)];
    else if (isValue(option)) values[option.name] = option.value;
    else return undefined;
  }
  return { command: name, ...(sub && { sub: sub.name }), values, ...(file && { image: toUpload(file, origins) }) };
}

function isValue(option: { type: number; value?: unknown }): option is { type: number; value: string | number } {
  if (option.type === ApplicationCommandOptionType.String) return typeof option.value === 'string';
  return option.type === ApplicationCommandOptionType.Integer && Number.isSafeInteger(option.value);
}

/** A button carries a command line: a name, and words behind it. */
function readPress(data: unknown): Asked | undefined {
  const parsed = PressedButton.safeParse(data);
  const [, command, words] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(parsed.data?.custom_id ?? '') ?? [];
  if (command === undefined) return undefined;
  return { command, ...(words && { words }) };
}

function toPlace(envelope: Envelope, user: string, at: number): DiscordPlace {
  return {
    platform: 'discord',
    chat: envelope.channel_id,
    user,
    application: envelope.application_id,
    interaction: { id: envelope.id, token: envelope.token, at },
    canPost: canPost(envelope),
    fileLimit: envelope.attachment_size_limit,
  };
}

const THREADS: readonly number[] = [ChannelType.AnnouncementThread, ChannelType.PublicThread, ChannelType.PrivateThread];

/** Whether the bot itself could post a file there: its own direct chat, or a server it is a member of with the permissions. */
function canPost({ context, channel, app_permissions, authorizing_integration_owners: owners }: Envelope): boolean {
  if (context === InteractionContextType.PrivateChannel) return false;
  if (context === InteractionContextType.BotDM || owners['0'] === '0') return true;
  if (owners['0'] === undefined) return false;
  const { ViewChannel, SendMessages, SendMessagesInThreads, AttachFiles } = PermissionFlagsBits;
  const speak = THREADS.includes(channel?.type ?? ChannelType.GuildText) ? SendMessagesInThreads : SendMessages;
  const needed = ViewChannel | speak | AttachFiles;
  return (BigInt(app_permissions) & needed) === needed;
}
