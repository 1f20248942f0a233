import type { APIApplicationCommand, APIUser } from 'discord-api-types/v10';
import type { Knobs } from './knobs.ts';
import type { Files, StoredFile } from './messages/files.ts';
import type { Entitlement, Subscription } from './premium/shown.ts';
import type { Sku } from './premium/skus.ts';

/** What exists in the simulated Discord. */

export interface Guild {
  id: string;
  name: string;
  /** The bot was added to it, as opposed to being brought by a user install. */
  hasBot: boolean;
  channel: Channel;
}

export interface Channel {
  id: string;
  /** Undefined for the direct chat of the bot with `recipient`. */
  guild?: Guild;
  recipient?: APIUser;
  /** What happened, in order. */
  entries: Entry[];
  nonces: Map<string, { message: StoredMessage; at: number }>;
  /** Whoever watches what people see here. */
  listeners: Set<() => void>;
}

export type Entry = { message: StoredMessage } | { interaction: Interaction };

export interface StoredMessage {
  id: string;
  channel: Channel;
  author: APIUser;
  content: string;
  embeds: Record<string, unknown>[];
  components: Record<string, unknown>[];
  files: StoredFile[];
  mentions: APIUser[];
  flags: number;
  at: number;
  editedAt?: number;
  /** Changed after it was complete: filling a deferred answer shows no "(edited)". */
  edited: boolean;
  nonce?: string | number;
  replyTo?: Reference;
  /** Made through this interaction's token. */
  interaction?: Interaction;
  deleted: boolean;
}

export interface Reference {
  id: string;
  channel: Channel;
  message: StoredMessage;
}

export type InteractionKind = 'command' | 'component' | 'autocomplete' | 'modal';

export interface Interaction {
  id: string;
  token: string;
  kind: InteractionKind;
  /** As the client shows it above the answer: `/generate prompt:a fox`. */
  line: string;
  user: APIUser;
  channel: Channel;
  at: number;
  owners: { 0?: string; 1?: string };
  /** Whatever it answers, only the person will see it. */
  forcedEphemeral: boolean;
  /** Bytes, as announced. */
  fileLimit: number;
  /** The message whose component was used. */
  pressed?: StoredMessage;
  /** The callback that acknowledged it. */
  answer?: { type: number; data: Record<string, unknown> };
  original?: StoredMessage;
  followUps: number;
}

export interface World {
  readonly knobs: Knobs;
  readonly token: string;
  readonly applicationId: string;
  readonly bot: APIUser;
  readonly files: Files;
  readonly users: Map<string, APIUser>;
  readonly locales: Map<string, string>;
  readonly guilds: Map<string, Guild>;
  readonly channels: Map<string, Channel>;
  readonly messages: Map<string, StoredMessage>;
  /** By id and, a second time, by token. */
  readonly interactions: Map<string, Interaction>;
  readonly tokens: Map<string, Interaction>;
  /** User id -> the bot's direct chat with that user. */
  readonly directs: Map<string, Channel>;
  /** What is sold, what was bought, and what renews; each by id. */
  readonly premium: {
    skus: ReadonlyMap<string, Sku>;
    entitlements: Map<string, Entitlement>;
    subscriptions: Map<string, Subscription>;
  };
  commands: APIApplicationCommand[];
  /** When commands were created. */
  creations: number[];
  now(): number;
  id(): string;
  secret(about: string): string;
  /** Host and port with the scheme given. */
  address(scheme: 'http' | 'ws'): string;
  /** To the shard of the guild, or shard 0. */
  dispatch(event: string, data: unknown, guild: string | undefined): void;
}

/** Tells everybody who watches the channel that what they see may have changed. */
export function changed(channel: Channel): void {
  for (const listener of [...channel.listeners]) listener();
}

/** No bit of any flags set. */
export const NONE: number = 0;

export function newUser(world: Pick<World, 'id'>, name: string, bot = false): APIUser {
  const username =
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9_.]+/g, '_')
      .slice(0, 32) || 'someone';
  return {
    id: world.id(),
    username,
    global_name: bot ? null : name,
    discriminator: '0',
    avatar: null,
    primary_guild: null,
    bot,
    flags: NONE,
    public_flags: NONE,
  };
}

export function newChannel(world: World, place: { recipient: APIUser } | undefined, id = world.id()): Channel {
  const channel: Channel = { id, entries: [], nonces: new Map(), listeners: new Set(), ...place };
  world.channels.set(channel.id, channel);
  return channel;
}

/** The bot's direct chat with a user: the same one every time. */
export function directChannel(world: World, user: APIUser): Channel {
  const channel = world.directs.get(user.id) ?? newChannel(world, { recipient: user });
  world.directs.set(user.id, channel);
  return channel;
}
