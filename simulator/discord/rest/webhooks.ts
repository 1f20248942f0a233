import { checked } from '../forms/form.ts';
import { type MessageForm, messageRule } from '../forms/messages.ts';
import { FOLLOW_UPS_OF_USER_INSTALLS } from '../limits.ts';
import { checkUploads, createMessage, deleteMessage, editMessage, isLoading, isV2, type Upload } from '../messages/messages.ts';
import { showMessage } from '../messages/shown.ts';
import type { Interaction, StoredMessage, World } from '../world.ts';
import { ephemeralFlag } from './callbacks.ts';
import { type Answer, refusal } from './refusals.ts';

/** What an acknowledged interaction's token is good for, as long as it lives. */
export interface WebhookRequest {
  json: unknown;
  uploads: readonly Upload[];
}

/** 10015 before the acknowledgement and for unknown tokens, 50027 after the token's end. */
function interactionOf(world: World, [application = '', token = '']: readonly string[]): Interaction {
  const interaction = world.tokens.get(token);
  if (!interaction || application !== world.applicationId) throw refusal(10015);
  if (world.now() - interaction.at > world.knobs.tokenLivesMs) throw refusal(50027);
  if (!interaction.answer) throw refusal(10015);
  return interaction;
}

/** POST /webhooks/:application/:token. After a defer the first one takes the place of "thinking". */
export function followUp(world: World, params: readonly string[], { json, uploads }: WebhookRequest): Answer {
  const interaction = interactionOf(world, params);
  const { original } = interaction;
  const form = checked<MessageForm>(messageRule(false), json);
  checkUploads(uploads, interaction.fileLimit);
  if (original && isLoading(original) && !original.deleted) {
    editMessage(world, original, { form, uploads });
    return { status: 200, body: showMessage(world, original) };
  }
  const onlyUser = interaction.owners[0] === undefined;
  if (onlyUser && interaction.followUps >= FOLLOW_UPS_OF_USER_INSTALLS) throw refusal(40094);
  const flags = ephemeralFlag(interaction, form);
  const message = createMessage(world, interaction.channel, { form, uploads }, { flags, interaction });
  interaction.followUps += 1;
  return { status: 200, body: showMessage(world, message) };
}

function messageOf(world: World, params: readonly string[]): { interaction: Interaction; message: StoredMessage } {
  const interaction = interactionOf(world, params);
  const [, , id = ''] = params;
  const message = id === '@original' ? interaction.original : world.messages.get(id);
  const owned = message && (message === interaction.original || message.interaction === interaction);
  if (!owned || message.deleted) throw refusal(10008);
  return { interaction, message };
}

/** GET /webhooks/:application/:token/messages/:id */
export function readThrough(world: World, params: readonly string[]): Answer {
  return { status: 200, body: showMessage(world, messageOf(world, params).message) };
}

/** PATCH /webhooks/:application/:token/messages/:id */
export function editThrough(world: World, params: readonly string[], { json, uploads }: WebhookRequest): Answer {
  const { interaction, message } = messageOf(world, params);
  const form = checked<MessageForm>(messageRule(isV2(message)), json);
  checkUploads(uploads, interaction.fileLimit);
  editMessage(world, message, { form, uploads });
  return { status: 200, body: showMessage(world, message) };
}

/** DELETE /webhooks/:application/:token/messages/:id */
export function deleteThrough(world: World, params: readonly string[]): Answer {
  deleteMessage(world, messageOf(world, params).message);
  return { status: 204 };
}
