import type { Person, SeenFile, SeenMessage } from '../../simulator/person.ts';

export const PATIENCE_MS = 120_000;

export const isVideo = ({ from, files }: SeenMessage): boolean => from === 'bot' && files.some(({ kind }) => kind === 'video');
export const isCancellable = ({ buttons }: SeenMessage): boolean => buttons.flat().some(({ label }) => label === 'Cancel');
export const says = (words: string) => (message: SeenMessage) => message.from === 'bot' && message.text.includes(words);

/** Resolves when so many messages of the kind are seen at once. */
export const count = (person: Person, wanted: (message: SeenMessage) => boolean, least: number) =>
  person.until(() => person.messages().filter(wanted).length >= least, PATIENCE_MS);

export function press(person: Person, { id, buttons }: SeenMessage, label: string): void {
  const button = buttons.flat().find((each) => each.label.startsWith(label) || each.label.endsWith(label));
  if (!button) throw new Error(`there is no button ${label}, but ${JSON.stringify(buttons.flat().map((each) => each.label))}`);
  person.press(id, button.id);
}

/** What the bot says to what the person does: the first message that is new, or was changed, and holds the words. */
export function answer(person: Person, act: () => void, words: string): Promise<SeenMessage> {
  const known = new Map(person.messages().map(({ id, html, buttons }) => [id, JSON.stringify([html, buttons])]));
  const isNew = ({ id, html, buttons }: SeenMessage) => known.get(id) !== JSON.stringify([html, buttons]);
  const answered = person.until((message) => says(words)(message) && isNew(message), PATIENCE_MS);
  act();
  return answered;
}

/** Presses one button after the other, each under the answer to the one before; the last answer holds the words behind the last label. */
export async function pressOn(
  person: Person,
  first: SeenMessage,
  steps: readonly (readonly [label: string, words: string])[],
): Promise<SeenMessage> {
  let message = first;
  for (const [label, words] of steps) {
    const under = message;
    message = await answer(person, () => press(person, under, label), words);
  }
  return message;
}

/** Files of this name that the bot has sent, oldest first. */
const filesOf = (person: Person, name: RegExp): SeenFile[] =>
  person.messages().flatMap(({ files }) => files.filter((file) => file.kind === 'file' && name.test(file.name)));

/** The next file of this name that arrives because of what the person does. */
export async function fileOf(person: Person, act: () => void, name: RegExp): Promise<Buffer> {
  const before = filesOf(person, name).length;
  act();
  await person.until(() => filesOf(person, name).length > before, PATIENCE_MS);
  const file = filesOf(person, name).at(-1);
  return Buffer.from(await (await fetch(file?.url ?? '')).arrayBuffer());
}
