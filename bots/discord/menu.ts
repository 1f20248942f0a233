import { createHash } from 'node:crypto';
import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord.js';
import type { Command, Option, Options } from '../../commands/command.ts';

export type MenuEntry = RESTPostAPIChatInputApplicationCommandsJSONBody;

/** Discord, interactions/application-commands; counts of entries and characters. */
const LIMITS = {
  commands: 100,
  subcommands: 25,
  options: 25,
  choices: 25,
  name: 32,
  about: 100,
  choice: 100,
  text: 6000,
  whole: 8000,
} as const;
const NAME = /^[-_\p{Ll}\p{Lo}\p{N}]{1,32}$/u;

/** Slash commands for everywhere a person can be: servers, the bot's direct chat, and chats of others (user installs). */
export function toMenu(commands: readonly Command[]): MenuEntry[] {
  return commands.map((command) => ({
    type: ApplicationCommandType.ChatInput,
    name: command.name,
    description: command.about,
    contexts: [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel],
    integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
    options: toEntries(command),
  }));
}

/** Discord knows either sub-commands or options. */
function toEntries({ subcommands, options }: Command): APIApplicationCommandOption[] {
  if (!subcommands?.length) return toOptions(options);
  return subcommands.map((sub) => ({
    type: ApplicationCommandOptionType.Subcommand,
    name: sub.name,
    description: sub.about,
    options: toOptions(sub.options),
  }));
}

function toOptions(options: Options): APIApplicationCommandBasicOption[] {
  return shown(options)
    .sort(([, a], [, b]) => Number(b.required ?? false) - Number(a.required ?? false))
    .map(([name, option]) => toOption(name, option));
}

const shown = (options: Options) => Object.entries(options).filter(([, option]) => !option.hidden);

/** Changes exactly when the menu does. */
export function fingerprint(menu: readonly MenuEntry[]): string {
  return createHash('sha256').update(JSON.stringify(menu)).digest('hex');
}

/** What Discord would refuse about these commands, in sentences; empty when they fit. */
export function complaintsAboutMenu(commands: readonly Command[]): string[] {
  return [
    ...(commands.length > LIMITS.commands ? [`${commands.length} commands, at most ${LIMITS.commands} are allowed`] : []),
    ...twice(commands),
    ...commands.flatMap((command) => complaintsAboutCommand(command).map((complaint) => `${command.name}: ${complaint}`)),
  ];
}

function twice(commands: readonly Command[]): string[] {
  const names = commands.map(({ name }) => name);
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name}: there are two of this name`);
}

function toOption(name: string, option: Option): APIApplicationCommandBasicOption {
  const common = { name, description: option.about, required: option.required ?? false };
  switch (option.type) {
    case 'text':
      return { ...common, type: ApplicationCommandOptionType.String, max_length: Math.min(option.max, LIMITS.text) };
    case 'integer':
      return { ...common, type: ApplicationCommandOptionType.Integer, min_value: option.min, max_value: option.max };
    case 'choice':
      return {
        ...common,
        type: ApplicationCommandOptionType.String,
        choices: option.choices.map(({ value, label }) => ({ name: label, value })),
      };
    case 'image':
      return { ...common, type: ApplicationCommandOptionType.Attachment };
  }
}

function complaintsAboutCommand(command: Command): string[] {
  const { subcommands = [] } = command;
  const whole = lengthOf(command);
  return [
    ...complaintsAboutEntry(command),
    ...(whole > LIMITS.whole ? [`${whole} characters altogether, at most ${LIMITS.whole} are allowed`] : []),
    ...(subcommands.length > LIMITS.subcommands
      ? [`${subcommands.length} sub-commands, at most ${LIMITS.subcommands} are allowed`]
      : []),
    ...(subcommands.length > 0 && shown(command.options).length > 0 ? ['sub-commands leave no place for options'] : []),
    ...twice(subcommands),
    ...subcommands.flatMap((sub) => complaintsAboutSub(sub, command).map((complaint) => `${sub.name}: ${complaint}`)),
  ];
}

function complaintsAboutSub(sub: Command, { private: isPrivate }: Command): string[] {
  return [
    ...complaintsAboutEntry(sub),
    ...(sub.subcommands?.length ? ['a sub-command has none of its own'] : []),
    // An answer is acknowledged for one person or for all before anybody knows which sub-command it is of.
    ...(sub.private && !isPrivate ? ['it is private, so the whole command has to be'] : []),
  ];
}

/** A command or a sub-command, by itself. */
function complaintsAboutEntry(command: Command): string[] {
  const options = shown(command.options);
  return [
    ...complaintsAboutName(command.name),
    ...complaintsAboutLength('description', command.about, LIMITS.about),
    ...(options.length > LIMITS.options ? [`${options.length} options, at most ${LIMITS.options} are allowed`] : []),
    ...Object.entries(command.options)
      .filter(([, option]) => option.hidden && option.required)
      .map(([name]) => `option ${name} is required but hidden, so nobody could type it`),
    ...options.flatMap(([name, option]) => complaintsAboutOption(name, option).map((text) => `option ${name}: ${text}`)),
  ];
}

/** Characters of names, descriptions and choices, with those of the sub-commands. */
function lengthOf({ name, about, options, subcommands = [] }: Command): number {
  const texts = [name, about, ...shown(options).flatMap(([option, particulars]) => [option, ...textsOf(particulars)])];
  const own = texts.reduce((sum, text) => sum + text.length, 0);
  return subcommands.reduce((sum, sub) => sum + lengthOf(sub), own);
}

function complaintsAboutOption(name: string, option: Option): string[] {
  const always = [...complaintsAboutName(name), ...complaintsAboutLength('description', option.about, LIMITS.about)];
  if (option.type === 'text') return option.max < 1 ? [...always, 'no text would fit'] : always;
  if (option.type === 'integer') {
    const sound = Number.isSafeInteger(option.min) && Number.isSafeInteger(option.max) && option.min <= option.max;
    return sound ? always : [...always, 'the range is not one of safe integers'];
  }
  if (option.type === 'image') return always;
  const { length } = option.choices;
  return [
    ...always,
    ...(length < 1 || length > LIMITS.choices ? [`${length} choices, 1 to ${LIMITS.choices} are allowed`] : []),
    ...option.choices.flatMap(({ value, label }) => [
      ...complaintsAboutLength('choice', label, LIMITS.choice),
      ...complaintsAboutLength('value of a choice', value, LIMITS.choice),
    ]),
  ];
}

function complaintsAboutName(name: string): string[] {
  return NAME.test(name)
    ? []
    : [`the name ${JSON.stringify(name)} is not 1 to ${LIMITS.name} lower-case letters, digits, - or _`];
}

function complaintsAboutLength(what: string, text: string, most: number): string[] {
  return text.length >= 1 && text.length <= most ? [] : [`a ${what} has ${text.length} characters, 1 to ${most} are allowed`];
}

function textsOf(option: Option): string[] {
  const choices = option.type === 'choice' ? option.choices.flatMap(({ value, label }) => [label, value]) : [];
  return [option.about, ...choices];
}
