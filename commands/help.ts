import type { Span } from '../core/chat.ts';
import { type Command, defineCommand } from './command.ts';

/** The help text is made from the list of commands, so it cannot fall behind it. */
export const createHelp = (commands: () => readonly Command[]): Command =>
  defineCommand({
    name: 'help',
    about: 'What I can do',
    private: true,
    options: {},
    async run({ place }) {
      const lines = commands().flatMap(({ name, about }): Span[] => [{ bold: `/${name}` }, ` ${about}\n`]);
      const tip =
        place.platform === 'telegram'
          ? 'In our private chat a plain message is a prompt, and a picture with a caption is brought to life. Add style=neon ratio=9:16 seconds=8 to choose.'
          : 'The options of /generate choose style, shape and length; /settings keeps your favourites.';
      return { text: [...lines, '\n', tip, '\nQuestions: support@lpmai.art'] };
    },
  });
