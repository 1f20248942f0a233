import type { Account } from '../core/accounts.ts';
import type { App } from '../core/app.ts';
import type { Place, Reply, Upload } from '../core/chat.ts';

interface OptionBase {
  /** One line for the menus, at most 100 characters. */
  about: string;
  required?: true;
}

export interface TextOption extends OptionBase {
  type: 'text';
  /** Characters. */
  max: number;
  /** Takes the words that belong to no other option. At most one per command. */
  rest?: true;
}

export interface IntegerOption extends OptionBase {
  type: 'integer';
  min: number;
  max: number;
}

export interface ChoiceOption<Value extends string = string> extends OptionBase {
  type: 'choice';
  choices: readonly { value: Value; label: string }[];
}

export interface ImageOption extends OptionBase {
  type: 'image';
}

export type Option = TextOption | IntegerOption | ChoiceOption | ImageOption;
/** `hidden` options are carried by buttons only and appear in no menu. */
export type Options = Record<string, Option & { hidden?: true }>;

type ValueOf<O extends Option> =
  O extends ChoiceOption<infer Value> ? Value : O extends IntegerOption ? number : O extends ImageOption ? Upload : string;

export type Values<O extends Options> = {
  [Name in keyof O]: O[Name] extends { required: true } ? ValueOf<O[Name]> : ValueOf<O[Name]> | undefined;
};

export interface Call<O extends Options = Options> {
  app: App;
  account: Account;
  place: Place;
  options: Values<O>;
  /** Id of the request: the same id again is the same request. */
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface Command<O extends Options = Options> {
  /** Lower case, at most 32 of a-z. */
  name: string;
  /** One line for the menus, at most 100 characters. */
  about: string;
  private?: true;
  /** Still answered while the account is about to be deleted. */
  whileLeaving?: true;
  options: O;
  /** Each its own entry below this one in Discord's menu and a first word elsewhere. `run` is for when none is named. */
  subcommands?: readonly Command[];
  run(call: Call<O>): Promise<Reply>;
}

/** Keeps the option types for `run`, and forgets them for the list. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return command as unknown as Command;
}
