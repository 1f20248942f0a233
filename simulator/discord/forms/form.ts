import { isRecord } from '../json.ts';
import { type Refusal, refusal } from '../rest/refusals.ts';

/** Checks of JSON bodies that complain as Discord does: {code: 50035, errors: {content: {_errors: [...]}}}. */
export type Path = readonly (string | number)[];

export interface FormError {
  path: Path;
  code: string;
  message: string;
}

export type Rule = (value: unknown, path: Path) => FormError[];

export const complaint = (path: Path, code: string, message: string): FormError => ({ path, code, message });

export const anything: Rule = () => [];

/** A string of `min` to `max` characters. */
export const text =
  (min: number, max: number): Rule =>
  (value, path) => {
    if (typeof value !== 'string') return [complaint(path, 'STRING_TYPE_CONVERT', `Could not interpret "${value}" as string.`)];
    const length = [...value].length;
    if (length >= min && length <= max) return [];
    if (min === 0) return [complaint(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`)];
    return [complaint(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`)];
  };

export const matching =
  (pattern: RegExp, code: string, message: string): Rule =>
  (value, path) =>
    typeof value === 'string' && pattern.test(value) ? [] : [complaint(path, code, message)];

export const snowflake: Rule = (value, path) =>
  /^\d{1,20}$/.test(String(value)) ? [] : [complaint(path, 'NUMBER_TYPE_COERCE', `Value "${value}" is not snowflake.`)];

/** A whole number of `min` to `max`. */
export const integer =
  (min: number, max: number): Rule =>
  (value, path) => {
    if (!Number.isInteger(value)) return [complaint(path, 'NUMBER_TYPE_COERCE', `Value "${value}" is not int.`)];
    const number = Number(value);
    if (number < min) return [complaint(path, 'NUMBER_TYPE_MIN', `int value should be greater than or equal to ${min}.`)];
    if (number > max) return [complaint(path, 'NUMBER_TYPE_MAX', `int value should be less than or equal to ${max}.`)];
    return [];
  };

export const boolean: Rule = (value, path) =>
  typeof value === 'boolean' ? [] : [complaint(path, 'BOOLEAN_TYPE_CONVERT', 'Must be either true or false.')];

export const oneOf =
  (...values: readonly (string | number)[]): Rule =>
  (value, path) =>
    values.some((allowed) => allowed === value)
      ? []
      : [complaint(path, 'BASE_TYPE_CHOICES', `Value must be one of (${values.join(', ')}).`)];

/** A list of `min` to `max` items. */
export const list =
  (item: Rule, min: number, max: number): Rule =>
  (value, path) => {
    if (!Array.isArray(value)) return [complaint(path, 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType')];
    const items = value.flatMap((each, index) => item(each, [...path, index]));
    if (value.length >= min && value.length <= max) return items;
    if (min > 0) return [complaint(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`), ...items];
    return [complaint(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`), ...items];
  };

/** An object with these fields; null counts as absent, fields that are not named are ignored. */
export const fields =
  (rules: Record<string, Rule>, required: readonly string[] = []): Rule =>
  (value, path) => {
    if (!isRecord(value)) return [complaint(path, 'DICT_TYPE_CONVERT', 'Only dictionaries may be used in a DictType')];
    return Object.entries(rules).flatMap(([name, rule]) => {
      const given = value[name];
      if (given !== undefined && given !== null) return rule(given, [...path, name]);
      return required.includes(name) ? [complaint([...path, name], 'BASE_TYPE_REQUIRED', 'This field is required')] : [];
    });
  };

export const every =
  (...rules: Rule[]): Rule =>
  (value, path) =>
    rules.flatMap((rule) => rule(value, path));

/** A rule that says something about a whole object once its parts are right. */
export const also =
  (rule: Rule, more: (value: Record<string, unknown>, path: Path) => FormError[]): Rule =>
  (value, path) => {
    const errors = rule(value, path);
    return errors.length === 0 && isRecord(value) ? more(value, path) : errors;
  };

export function formRefusal(errors: readonly FormError[]): Refusal {
  const root: Record<string, unknown> = {};
  for (const { path, code, message } of errors) {
    let node = root;
    for (const step of path) {
      const next = node[step];
      const inner: Record<string, unknown> = isRecord(next) ? next : {};
      node[step] = inner;
      node = inner;
    }
    node._errors = [...(Array.isArray(node._errors) ? node._errors : []), { code, message }];
  }
  return refusal(50035, { errors: root });
}

/** The value as what the rule says it is; throws the refusal that names everything wrong with it. */
export function checked<T>(rule: Rule, value: unknown): T {
  const errors = rule(value, []);
  if (errors.length > 0) throw formRefusal(errors);
  return value as T; // the rule has just said so
}
