import type { Upload } from '../core/chat.ts';
import { UserError } from '../core/errors.ts';
import type { Command, Option, Options } from './command.ts';

export interface RawOptions {
  /** `name=value` words and free text, as typed or as a button carries them. */
  words?: string | undefined;
  values?: Record<string, string | number> | undefined;
  image?: Upload | undefined;
}

export type Typed = Record<string, string | number | Upload | undefined>;

/** Raw words or values into checked, typed options. Throws UserError for the first that cannot be used; nothing has been charged then. */
export function readOptions(command: Pick<Command, 'name' | 'options'>, raw: RawOptions): Typed {
  const given = { ...fromWords(command.options, raw.words ?? ''), ...raw.values };
  const typed: Typed = {};
  for (const [name, option] of Object.entries(command.options)) {
    const value = option.type === 'image' ? raw.image : given[name];
    typed[name] = value === undefined || value === '' ? missing(command, name, option) : check(name, option, value);
  }
  return typed;
}

/** `style=neon a fox` → { style: 'neon', prompt: 'a fox' }. A word before `=` that is no option stays part of the text. */
function fromWords(options: Options, words: string): Record<string, string> {
  const given: Record<string, string> = {};
  const rest: string[] = [];
  for (const word of words.split(/(\s+)/u)) {
    const [, name, value] = /^([a-z]+)=(\S+)$/iu.exec(word) ?? [];
    const option = name && Object.hasOwn(options, name.toLowerCase()) ? options[name.toLowerCase()] : undefined;
    if (name && value && option && option.type !== 'image') given[name.toLowerCase()] = value;
    else rest.push(word);
  }
  const target = Object.entries(options).find(([, option]) => option.type === 'text' && option.rest)?.[0];
  const text = rest.join('').trim();
  if (target && text) given[target] = text;
  return given;
}

function missing({ name: command }: Pick<Command, 'name'>, name: string, option: Option): undefined {
  if (!option.required) return undefined;
  if (option.type === 'image') {
    throw new UserError(
      'image_missing',
      `/${command} needs a picture: send one with a few words about how it should move. Nothing was charged.`,
    );
  }
  throw new UserError(
    `${name}_missing`,
    `/${command} needs words: tell me what the video should show, for example /${command} a fox in a neon city. Nothing was charged.`,
  );
}

function check(name: string, option: Option, value: string | number | Upload): string | number | Upload {
  switch (option.type) {
    case 'image':
      return value;
    case 'integer':
      return integer(name, option, value);
    case 'choice':
      return choice(name, option, String(value));
    case 'text':
      return text(name, option.max, String(value));
  }
}

function integer(name: string, { min, max }: { min: number; max: number }, value: unknown): number {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < min || number > max) {
    throw new UserError(`${name}_out_of_range`, `${name} is a whole number from ${min} to ${max}. Nothing was charged.`);
  }
  return number;
}

function choice(name: string, { choices }: { choices: readonly { value: string; label: string }[] }, value: string): string {
  const wanted = value.trim().toLowerCase();
  const found = choices.find((one) => one.value.toLowerCase() === wanted || one.label.toLowerCase() === wanted);
  if (!found) {
    throw new UserError(
      `${name}_unknown`,
      `I do not know that ${name}. Choose one of: ${choices.map((one) => one.value).join(', ')}. Nothing was charged.`,
    );
  }
  return found.value;
}

function text(name: string, max: number, value: string): string {
  const clean = value.normalize('NFC').trim();
  const length = [...clean].length;
  if (length > max) {
    throw new UserError(
      `${name}_too_long`,
      `Your ${name} has ${length} letters, and I can read ${max}. Shorten it a little and send it again. Nothing was charged.`,
    );
  }
  return clean;
}
