import type { Person, SeenMessage } from '../simulator/person.ts';

const WIDTH = 100;

/** Prints a person's chat as it happens: new messages, edits and deliveries, each once. */
export function printChat(person: Person, say: (line: string) => void, started: number): () => void {
  const printed = new Map<string, string>();
  const look = () => {
    for (const message of person.messages()) {
      const words = describe(message);
      if (message.pending || words === '' || printed.get(message.id) === words) continue;
      const edited = printed.has(message.id) ? ' (edited)' : '';
      printed.set(message.id, words);
      const who =
        message.from === 'person' ? person.name : `LPM AI${edited}${message.ephemeral ? ' (only you can see this)' : ''}`;
      say(`${stamp(started)} ${person.platform.padEnd(8)} ${who}: ${words}`);
    }
  };
  look();
  return person.onChange(look);
}

const stamp = (started: number): string => `${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s`;

function describe({ text, buttons, files, invoice }: SeenMessage): string {
  const lines = text.split('\n').map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH)}…` : line));
  const shown = files.map(({ kind, name, size }) => `<${kind} ${name}, ${(size / 1e6).toFixed(2)} MB>`);
  const pressed = buttons.flat().map(({ label }) => `[${label}]`);
  const bill = invoice ? `<invoice: ${invoice.title}, ${invoice.price}${invoice.paid ? ', paid' : ''}>` : '';
  return [lines.join('\n                '), shown.join(' '), bill, pressed.join(' ')].filter(Boolean).join('\n                ');
}
