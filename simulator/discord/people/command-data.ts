import type {
  APIApplicationCommand,
  APIApplicationCommandBasicOption,
  APIApplicationCommandOption,
  APIApplicationCommandSubcommandGroupOption,
  APIApplicationCommandSubcommandOption,
} from 'discord-api-types/v10';
import type { MenuCommand, MenuOption, Picture } from '../../person.ts';
import type { Channel, World } from '../world.ts';
import { attach } from './interactions.ts';

export type OptionValue = string | number | Picture;

const MENU_TYPES: Record<number, MenuOption['type']> = { 3: 'text', 4: 'integer', 11: 'image' };

/** The slash commands that the client offers in this place (docs: contexts and installation types). */
export function offeredCommands(world: World, channel: Channel, userInstallOnly: boolean): APIApplicationCommand[] {
  const context = channel.guild ? 0 : 1;
  return world.commands.filter(({ type, contexts, integration_types: installs }) => {
    const here = !contexts || contexts.some((each) => each === context);
    const installed = !installs || installs.some((each) => each === (userInstallOnly ? 1 : 0));
    return type === 1 && here && installed;
  });
}

/** What can be chosen and sent: a command, or one of its sub-commands, since a command that has any cannot be sent alone. */
export interface Entry {
  /** As it is typed: `privacy export`. */
  name: string;
  about: string;
  command: APIApplicationCommand;
  /** The sub-command, and the group around it where there is one; from the outside to the inside. */
  path: Nested[];
  options: readonly APIApplicationCommandBasicOption[];
}

type Nested = APIApplicationCommandSubcommandOption | APIApplicationCommandSubcommandGroupOption;

export function entriesOf(command: APIApplicationCommand, locale: string): Entry[] {
  return within(command, [], command.options ?? [], locale);
}

function within(
  command: APIApplicationCommand,
  path: Nested[],
  options: readonly APIApplicationCommandOption[],
  locale: string,
): Entry[] {
  const nested = options.filter(isNested);
  if (nested.length > 0) return nested.flatMap((each) => within(command, [...path, each], each.options ?? [], locale));
  const { description, description_localizations: others } = path.at(-1) ?? command;
  const name = [command, ...path].map((each) => each.name).join(' ');
  const about = localised(description, others, locale);
  return [{ name, about, command, path, options: options.filter((option) => !isNested(option)) }];
}

const isNested = (option: APIApplicationCommandOption): option is Nested => option.type === 1 || option.type === 2;

export function menuCommand({ name, about, options }: Entry, locale: string): MenuCommand {
  const shown = options.map((option): MenuOption => {
    const choices = choicesOf(option);
    return {
      name: option.name,
      about: localised(option.description, option.description_localizations, locale),
      type: choices.length > 0 ? 'choice' : (MENU_TYPES[option.type] ?? 'text'),
      required: option.required === true,
      choices: choices.map(({ name: label, name_localizations: names, value }) => ({
        label: localised(label, names, locale),
        value: String(value),
      })),
    };
  });
  return { name, about, options: shown };
}

function choicesOf(option: APIApplicationCommandBasicOption) {
  return 'choices' in option ? (option.choices ?? []) : [];
}

function localised(words: string, others: Partial<Record<string, string | null>> | null | undefined, locale: string): string {
  return others?.[locale] ?? words;
}

/** The data of a command interaction; throws what the client would not let a person send. */
export function commandData(world: World, channel: Channel, entry: Entry, values: Record<string, OptionValue>) {
  const { name, command, path, options: known } = entry;
  const stranger = Object.keys(values).find((given) => !known.some((option) => option.name === given));
  if (stranger !== undefined) throw new Error(`/${name} has no option ${stranger}`);
  const attachments: Record<string, unknown> = {};
  const options = known.flatMap((option): SentOption[] => {
    const value = values[option.name];
    if (value === undefined) {
      if (option.required) throw new Error(`/${name} needs the option ${option.name}`);
      return [];
    }
    if (typeof value !== 'object') return [{ name: option.name, type: option.type, value: scalar(option, value) }];
    if (option.type !== 11) throw new Error(`${option.name} takes no picture`);
    if (value.data.length > world.knobs.attachmentLimit) throw new Error(`${value.name} is too large to upload`);
    const attachment = attach(world, channel, value);
    attachments[attachment.id] = attachment;
    return [{ name: option.name, type: option.type, value: attachment.id }];
  });
  return sentCommand(command, nestedIn(path, options), attachments);
}

interface SentOption {
  name: string;
  type: number;
  value?: string | number;
  focused?: true;
  options?: SentOption[];
}

/** Options as they are sent: those of a sub-command stand inside it. */
export function nestedIn(path: readonly Nested[], options: SentOption[]): SentOption[] {
  return path.reduceRight<SentOption[]>((inner, { name, type }) => [{ name, type, options: inner }], options);
}

export function sentCommand(
  { id, name }: APIApplicationCommand,
  options: SentOption[],
  attachments: Record<string, unknown> = {},
) {
  return {
    id,
    name,
    type: 1,
    ...(options.length > 0 && { options }),
    ...(Object.keys(attachments).length > 0 && { resolved: { attachments } }),
  };
}

function scalar(option: APIApplicationCommandBasicOption, value: string | number): string | number {
  const choices = choicesOf(option);
  const chosen = choices.find((choice) => String(choice.value) === String(value));
  if (choices.length > 0 && !chosen) throw new Error(`${option.name} does not offer ${value}`);
  if (chosen) return chosen.value;
  if (option.type === 3) return bounded(option.name, String(value), String(value).length, option.min_length, option.max_length);
  if (option.type !== 4) throw new Error(`${option.name} is of a type that nobody here can fill`);
  const number = Number(value);
  if (!Number.isInteger(number)) throw new Error(`${option.name} takes whole numbers only`);
  return bounded(
    option.name,
    number,
    number,
    'min_value' in option ? option.min_value : undefined,
    'max_value' in option ? option.max_value : undefined,
  );
}

function bounded<T>(name: string, value: T, size: number, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): T {
  if (size < min || size > max) throw new Error(`${name} takes ${min} to ${max}`);
  return value;
}

/** As the client shows a sent command: `/generate prompt:a fox seconds:5`. */
export function commandLine(name: string, values: Record<string, OptionValue>): string {
  const words = Object.entries(values).map(([option, value]) => `${option}:${typeof value === 'object' ? value.name : value}`);
  return [`/${name}`, ...words].join(' ');
}
