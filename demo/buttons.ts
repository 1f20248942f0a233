import type { Person, SeenButton, SeenMessage } from '../simulator/person.ts';

const PATIENCE_MS = 30_000;

/** Presses the newest button of this label, as soon as there is one. */
export async function pressButton(person: Person, label: RegExp): Promise<void> {
  const { message, id } = await buttonOf(person, (button) => label.test(button.label));
  person.press(message, id);
}

/** The newest button that is wanted, as soon as there is one. */
export async function buttonOf(
  person: Person,
  wanted: (button: SeenButton) => boolean,
): Promise<SeenButton & { message: string }> {
  const has = ({ buttons }: SeenMessage) => buttons.flat().find(wanted);
  await person.until((message) => has(message) !== undefined, PATIENCE_MS);
  const seen = person.messages().findLast((message) => has(message) !== undefined);
  const button = seen && has(seen);
  if (!button) throw new Error('a button is gone again');
  return { ...button, message: seen.id };
}
