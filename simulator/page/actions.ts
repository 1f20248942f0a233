import type { MenuOption, Person, Picture } from '../person.ts';
import { typed, word } from './form.ts';
import { Declined } from './guard.ts';

type Entry = ReturnType<FormData['get']>;

export type Persons = { discord: Person; telegram: Person };

async function picture(value: Entry): Promise<Picture> {
  if (value === null || typeof value === 'string' || value.size === 0) throw new Declined(400, 'Choose a picture first.');
  return { name: value.name, data: Buffer.from(await value.arrayBuffer()) };
}

async function read(option: MenuOption, value: NonNullable<Entry>): Promise<string | number | Picture> {
  if (option.type === 'image') return picture(value);
  const text = typed(String(value));
  if (option.type !== 'integer') return text;
  if (!/^-?\d{1,15}$/.test(text)) throw new Declined(400, `${option.name} must be a whole number.`);
  return Number(text);
}

async function command(person: Person, form: FormData): Promise<void> {
  const name = word(form, 'name');
  const known = person.menu().find((entry) => entry.name === name);
  if (!known) throw new Declined(400, `The menu has no /${name}.`);
  const options: Record<string, string | number | Picture> = {};
  for (const option of known.options) {
    const value = form.get(`option.${option.name}`);
    const absent = value === null || (typeof value === 'string' ? value === '' : value.size === 0);
    if (!absent) options[option.name] = await read(option, value);
    else if (option.required) throw new Declined(400, `/${name} needs ${option.name}.`);
  }
  person.command(name, options);
}

const actions: Record<string, (person: Person, form: FormData) => Promise<void>> = {
  '/command': command,
  '/say': async (person, form) => person.say(word(form, 'text')),
  '/picture': async (person, form) => person.sendPicture(await picture(form.get('picture')), word(form, 'caption')),
  '/pay': async (person, form) => person.pay(word(form, 'message')),
  '/press': async (person, form) => person.press(word(form, 'message'), word(form, 'button')),
};

/** What POST to `path` does with a form, undefined where nothing is there. */
export function actionAt(path: string): ((persons: Persons, form: FormData) => Promise<void>) | undefined {
  const action = Object.hasOwn(actions, path) ? actions[path] : undefined;
  if (!action) return undefined;
  return async (persons, form) => {
    const platform = word(form, 'platform');
    if (platform !== 'discord' && platform !== 'telegram')
      throw new Declined(400, 'There are two platforms: discord and telegram.');
    try {
      await action(persons[platform], form);
    } catch (error) {
      if (error instanceof Declined) throw error;
      throw new Declined(400, error instanceof Error ? error.message : String(error));
    }
  };
}
