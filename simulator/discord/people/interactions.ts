import type { APIAttachment, APIInteractionGuildMember, APIUser } from 'discord-api-types/v10';
import { permissionsIn } from '../messages/messages.ts';
import { showMessage } from '../messages/shown.ts';
import { entitlementsOf } from '../premium/shown.ts';
import {
  type Channel,
  changed,
  type Guild,
  type Interaction,
  type InteractionKind,
  NONE,
  type StoredMessage,
  type World,
} from '../world.ts';

const TYPES = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;
const PERSON_PERMISSIONS = '2248473465835073';

/** What a person does, before Discord has made an interaction of it. */
export interface Act {
  kind: InteractionKind;
  data: Record<string, unknown>;
  /** As the client shows it. */
  line: string;
  user: APIUser;
  channel: Channel;
  userInstallOnly: boolean;
  pressed?: StoredMessage;
}

/** Makes the interaction and dispatches it as often as the knob says. */
export function interact(world: World, act: Act): Interaction {
  const { kind, line, user, channel, userInstallOnly, pressed } = act;
  const id = world.id();
  const { guild } = channel;
  const interaction: Interaction = {
    id,
    token: Buffer.from(`interaction:${id}:${world.secret(`token ${id}`)}`).toString('base64url'),
    kind,
    line,
    user,
    channel,
    at: world.now(),
    owners: userInstallOnly ? { 1: user.id } : { 0: guild?.id ?? '0' },
    forcedEphemeral: userInstallOnly && guild !== undefined && world.knobs.externalAppsOff.has(guild.id),
    fileLimit: world.knobs.attachmentLimit,
    followUps: 0,
    ...(pressed && { pressed }),
  };
  world.interactions.set(id, interaction);
  world.tokens.set(interaction.token, interaction);
  channel.entries.push({ interaction });
  const payload = payloadOf(world, interaction, act.data);
  changed(channel);
  noticeSilence(world, channel);
  for (let time = 0; time < world.knobs.deliverTimes; time++) world.dispatch('INTERACTION_CREATE', payload, guild?.id);
  return interaction;
}

/** Lets everybody look again when the time for an answer is over; never keeps the process alive. */
function noticeSilence(world: World, channel: Channel): void {
  setTimeout(() => changed(channel), world.knobs.acknowledgeWithinMs + 20).unref();
}

/** INTERACTION_CREATE as Discord sends it: `member` in guilds, `user` elsewhere. */
function payloadOf(world: World, interaction: Interaction, data: Record<string, unknown>) {
  const { id, token, kind, user, channel, owners, fileLimit, pressed } = interaction;
  const permissions = permissionsIn(world, channel).toString();
  return {
    id,
    application_id: world.applicationId,
    type: TYPES[kind],
    data,
    token,
    version: 1,
    channel_id: channel.id,
    app_permissions: permissions,
    locale: world.locales.get(user.id) ?? 'en-US',
    entitlements: entitlementsOf(world, user.id),
    attachment_size_limit: fileLimit,
    context: channel.guild ? 0 : 1,
    authorizing_integration_owners: owners,
    ...(channel.guild ? inGuild(channel.guild, channel, user) : inDirect(world, channel, user)),
    ...(pressed && { message: showMessage(world, pressed) }),
  };
}

function inGuild(guild: Guild, channel: Channel, user: APIUser) {
  const member: APIInteractionGuildMember = {
    user,
    nick: null,
    avatar: null,
    banner: null,
    roles: [],
    joined_at: '2020-01-01T00:00:00.000Z',
    premium_since: null,
    communication_disabled_until: null,
    deaf: false,
    mute: false,
    flags: NONE,
    pending: false,
    permissions: PERSON_PERMISSIONS,
  };
  return {
    channel: { id: channel.id, type: 0, guild_id: guild.id, name: 'general', permissions: PERSON_PERMISSIONS },
    guild_id: guild.id,
    guild_locale: 'en-US',
    guild: { id: guild.id, locale: 'en-US', features: [] },
    member,
  };
}

function inDirect(world: World, channel: Channel, user: APIUser) {
  return { channel: { id: channel.id, type: 1, recipients: [world.bot], flags: 0 }, user };
}

/** A picture that the person adds to a command, as `resolved` names it. */
export function attach(world: World, channel: Channel, picture: { name: string; data: Buffer }): APIAttachment {
  const file = world.files.add({ id: world.id(), channel: channel.id, ...picture, ephemeral: true });
  return world.files.attachment(file);
}
