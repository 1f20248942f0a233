import { modalForm } from '../forms/components.ts';
import {
  also,
  anything,
  checked,
  complaint,
  type FormError,
  fields,
  integer,
  list,
  oneOf,
  type Path,
  type Rule,
  text,
} from '../forms/form.ts';
import { type MessageForm, messageRule } from '../forms/messages.ts';
import { isRecord } from '../json.ts';
import { FLAGS } from '../limits.ts';
import { checkUploads, createMessage, editMessage, isV2, type Upload } from '../messages/messages.ts';
import { showCallback } from '../messages/shown.ts';
import { changed, type Interaction, type InteractionKind, type World } from '../world.ts';
import { type Answer, refusal } from './refusals.ts';

/** Which callbacks each kind of interaction may get (docs: interactions/receiving-and-responding). */
const ALLOWED: Record<InteractionKind, readonly number[]> = {
  command: [4, 5, 9],
  component: [4, 5, 6, 7, 9],
  autocomplete: [8],
  modal: [4, 5, 6, 7],
};

const suggestion = fields({ name: text(1, 100), value: anything }, ['name', 'value']);

function callbackRule(interaction: Interaction): Rule {
  const { kind, pressed } = interaction;
  const types = ALLOWED[kind].filter((type) => pressed || (type !== 6 && type !== 7));
  return (value, path) => {
    const type = isRecord(value) ? value.type : undefined;
    const data: Record<number, Rule> = {
      4: messageRule(false),
      5: fields({ flags: integer(0, 2 ** 31) }),
      7: messageRule(pressed ? isV2(pressed) : false),
      8: fields({ choices: list(suggestion, 0, 25) }, ['choices']),
      9: modalForm,
    };
    const rule = typeof type === 'number' ? (data[type] ?? anything) : anything;
    const needsData = type === 4 || type === 8 || type === 9;
    return also(fields({ type: oneOf(...types), data: rule }, needsData ? ['type', 'data'] : ['type']), nothingElse)(value, path);
  };
}

/** A deferred answer may only say whether it will be ephemeral. */
function nothingElse(value: Record<string, unknown>, path: Path): FormError[] {
  const flags = value.type === 5 && isRecord(value.data) ? Number(value.data.flags ?? 0) : 0;
  const words = 'Only the EPHEMERAL flag can be set on a deferred message';
  return (flags & ~FLAGS.ephemeral) === 0 ? [] : [complaint([...path, 'data', 'flags'], 'BASE_TYPE_CHOICES', words)];
}

/** POST /interactions/:id/:token/callback: once, and within the time. */
export function answerInteraction(
  world: World,
  [id = '', token = '']: readonly string[],
  request: { json: unknown; uploads: readonly Upload[]; withResponse: boolean },
): Answer {
  const interaction = world.interactions.get(id);
  if (!interaction || interaction.token !== token) throw refusal(10062);
  if (interaction.answer) throw refusal(40060);
  if (world.now() - interaction.at > world.knobs.acknowledgeWithinMs) throw refusal(10062);
  const { type, data = {} } = checked<{ type: number; data?: Record<string, unknown> }>(callbackRule(interaction), request.json);
  checkUploads(request.uploads, interaction.fileLimit);
  acknowledge(world, interaction, { type, form: data as MessageForm, uploads: request.uploads }); // the rule has checked it as one
  interaction.answer = { type, data };
  changed(interaction.channel);
  return request.withResponse ? { status: 200, body: showCallback(world, interaction, type) } : { status: 204 };
}

function acknowledge(
  world: World,
  interaction: Interaction,
  { type, form, uploads }: { type: number; form: MessageForm; uploads: readonly Upload[] },
): void {
  const { channel, pressed } = interaction;
  const flags = ephemeralFlag(interaction, form);
  if (type === 4) interaction.original = createMessage(world, channel, { form, uploads }, { flags, interaction });
  if (type === 5) {
    const nothing = { form: {}, uploads: [] };
    interaction.original = createMessage(world, channel, nothing, { flags: flags | FLAGS.loading, interaction });
  }
  if ((type === 6 || type === 7) && pressed) interaction.original = pressed;
  if (type === 7 && pressed) editMessage(world, pressed, { form, uploads });
}

/** Decided when the message is made; it cannot change afterwards. */
export function ephemeralFlag(interaction: Interaction, form: MessageForm): number {
  return interaction.forcedEphemeral ? FLAGS.ephemeral : (form.flags ?? 0) & FLAGS.ephemeral;
}
