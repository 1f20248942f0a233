import { isRecord, recordsOf } from '../json.ts';
import {
  also,
  anything,
  boolean,
  complaint,
  every,
  type FormError,
  fields,
  integer,
  list,
  matching,
  oneOf,
  type Path,
  type Rule,
  text,
} from './form.ts';

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const LOCALES =
  'ar bg cs da de el en-GB en-US es-419 es-ES fi fr he hi hr hu id it ja ko lt nl no pl pt-BR ro ru sv-SE th tr uk vi zh-CN zh-TW';
const NUMBER = 2 ** 53;
const LARGEST = 8000;
const SUBCOMMAND = 1;
const GROUP = 2;
const BASIC = [3, 4, 5, 6, 7, 8, 9, 10, 11];

/** Slash commands and options are named in lower case where the script has one. */
const commandName: Rule = every(matching(NAME, 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid'), (value, path) =>
  typeof value === 'string' && value !== value.toLowerCase()
    ? [complaint(path, 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid')]
    : [],
);

const localised =
  (rule: Rule): Rule =>
  (value, path) => {
    if (!isRecord(value)) return [complaint(path, 'DICT_TYPE_CONVERT', 'Only dictionaries may be used in a DictType')];
    return Object.entries(value).flatMap(([locale, words]) => {
      const known = oneOf(...LOCALES.split(' '))(locale, [...path, locale]);
      return known.length > 0 || words === null ? known : rule(words, [...path, locale]);
    });
  };

const named = { name: commandName, name_localizations: localised(commandName) };
const described = { description: text(1, 100), description_localizations: localised(text(1, 100)) };
const choice = (value: Rule) =>
  fields({ name: text(1, 100), name_localizations: localised(text(1, 100)), value }, ['name', 'value']);

/** The fields that each option type has beyond name and description (docs: application commands, option structure). */
function particulars(type: unknown): Record<string, Rule> {
  switch (type) {
    case 1:
      return { options: options(BASIC) };
    case 2:
      return { options: options([SUBCOMMAND]) };
    case 3:
      return { choices: list(choice(text(0, 100)), 0, 25), min_length: integer(0, 6000), max_length: integer(1, 6000) };
    case 4:
      return {
        choices: list(choice(integer(-NUMBER, NUMBER)), 0, 25),
        min_value: integer(-NUMBER, NUMBER),
        max_value: integer(-NUMBER, NUMBER),
      };
    case 7:
      return { channel_types: list(integer(0, 16), 0, 25) };
    case 10:
      return { choices: list(choice(anything), 0, 25), min_value: anything, max_value: anything };
    case 11:
      return { file_types: list(text(1, 16), 0, 10) };
    default:
      return {};
  }
}

const option =
  (types: readonly number[]): Rule =>
  (value, path) => {
    const type = isRecord(value) ? value.type : undefined;
    const rules = {
      ...named,
      ...described,
      type: oneOf(...types),
      required: boolean,
      autocomplete: boolean,
      ...particulars(type),
    };
    return also(fields(rules, ['name', 'description', 'type']), choicesOrAutocomplete)(value, path);
  };

function choicesOrAutocomplete(given: Record<string, unknown>, path: Path): FormError[] {
  if (given.autocomplete !== true) return [];
  const completes = [3, 4, 10].includes(Number(given.type));
  if (completes && recordsOf(given.choices).length === 0) return [];
  const words = completes ? 'Choices cannot be used with autocomplete' : 'Autocomplete is not available for this type';
  return [complaint([...path, 'autocomplete'], 'APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID', words)];
}

function options(types: readonly number[]): Rule {
  return (value, path) => {
    const errors = list(option(types), 0, 25)(value, path);
    if (errors.length > 0) return errors;
    const given = recordsOf(value);
    const mixed = mixedWithSubcommands(given, path);
    if (mixed.length > 0) return mixed;
    return given.flatMap((each, index) => {
      const here = [...path, index];
      const before = given.slice(0, index);
      const taken = before.some((other) => other.name === each.name);
      const late = each.required === true && before.some((other) => other.required !== true);
      return [
        ...(taken
          ? [complaint([...here, 'name'], 'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS', 'Option name already exists')]
          : []),
        ...(late
          ? [
              complaint(
                here,
                'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
                'Required options must be placed before non-required options',
              ),
            ]
          : []),
      ];
    });
  };
}

/** Sub-commands and their groups take the place of all other options. */
function mixedWithSubcommands(given: Record<string, unknown>[], path: Path): FormError[] {
  const isSub = ({ type }: Record<string, unknown>) => type === SUBCOMMAND || type === GROUP;
  const words = 'Sub-command and sub-command group option types are mutually exclusive to all other types';
  const [first] = given;
  return given.flatMap((each, index) =>
    first && isSub(each) !== isSub(first) ? [complaint([...path, index], 'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', words)] : [],
  );
}

const everywhere: Record<string, Rule> = {
  type: oneOf(1, 2, 3),
  nsfw: boolean,
  dm_permission: boolean,
  contexts: list(oneOf(0, 1, 2), 1, 3),
  integration_types: list(oneOf(0, 1), 1, 2),
};

const command: Rule = (value, path) => {
  const slash = !isRecord(value) || value.type === undefined || value.type === 1;
  const rules = slash
    ? { ...everywhere, ...named, ...described, options: options([SUBCOMMAND, GROUP, ...BASIC]) }
    : { ...everywhere, name: text(1, 32), description: text(0, 0) };
  return also(fields(rules, slash ? ['name', 'description'] : ['name']), tooLarge)(value, path);
};

/** Names, descriptions and values of a command hold 8000 characters altogether, each in its longest language. */
function tooLarge(given: Record<string, unknown>, path: Path): FormError[] {
  const words = `Command exceeds maximum size (${LARGEST})`;
  return size(given) > LARGEST ? [complaint(path, 'APPLICATION_COMMAND_TOO_LARGE', words)] : [];
}

function size(part: Record<string, unknown>): number {
  const own = longest(part.name, part.name_localizations) + longest(part.description, part.description_localizations);
  const value = part.value === undefined ? 0 : String(part.value).length;
  return [...recordsOf(part.options), ...recordsOf(part.choices)].reduce((sum, inner) => sum + size(inner), own + value);
}

function longest(words: unknown, localisations: unknown): number {
  const all = [words, ...(isRecord(localisations) ? Object.values(localisations) : [])];
  return Math.max(...all.map((each) => (typeof each === 'string' ? each.length : 0)));
}

/** The body of a bulk overwrite. */
export const commandsForm: Rule = (value, path) => {
  const errors = list(command, 0, 130)(value, path);
  if (errors.length > 0) return errors;
  const seen = new Set<string>();
  return recordsOf(value).flatMap((each, index) => {
    const key = `${each.type ?? 1} ${each.name}`;
    if (!seen.has(key)) return seen.add(key) && [];
    return [
      complaint([...path, index, 'name'], 'APPLICATION_COMMANDS_DUPLICATE_NAME', 'Application command names must be unique'),
    ];
  });
};
