import type { DiscordPerson } from '../../simulator/discord/index.ts';
import type { Picture, SeenMessage } from '../../simulator/person.ts';
import type { TelegramPerson } from '../../simulator/telegram/index.ts';
import type { TestProduct } from '../support/product.ts';

/** Milliseconds: the sending limits alone may hold an answer up for three seconds. */
const PATIENCE_MS = 20_000;

export interface Look {
  style?: string;
  ratio?: string;
  seconds?: number;
}

/** Somebody who talks with the bot in one chat, in the words of a story rather than of a platform. */
export interface Guest<P extends DiscordPerson | TelegramPerson = DiscordPerson | TelegramPerson> {
  person: P;
  /** Asks for a video: /generate in Discord, a plain message in Telegram. */
  wish(prompt: string, look?: Look): void;
  /** Asks for a video of a picture: /animate with an attachment in Discord, a picture with a caption in Telegram. */
  animate(picture: Picture, prompt: string, look?: Look): void;
  /** A slash command in Discord, a typed one in Telegram. */
  command(name: string, options?: Record<string, string | number | Picture>): void;
  press(message: SeenMessage, label: string): void;
  /** The first message of the bot that matches and was not read before; an edited message can be read again. */
  reads(wanted: RegExp): Promise<SeenMessage>;
  /** The first message with a video that was not read before. */
  watches(): Promise<SeenMessage>;
  /** Every video in the chat, oldest first. */
  videos(): SeenMessage[];
}

export const labelsOf = ({ buttons }: SeenMessage): string[][] => buttons.map((row) => row.map(({ label }) => label));

const isVideo = ({ files }: SeenMessage): boolean => files.some(({ kind }) => kind === 'video');

function guestOf<P extends DiscordPerson | TelegramPerson>(person: P): Pick<Guest<P>, Exclude<keyof Guest, 'wish' | 'animate'>> {
  const read = new Set<string>();
  const keyOf = ({ id, text, files }: SeenMessage) => `${id} ${text} ${files.length}`;
  const next = async (wanted: (message: SeenMessage) => boolean) => {
    const isNew = (message: SeenMessage) => message.from === 'bot' && !message.pending && !read.has(keyOf(message));
    const message = await person.until((one) => isNew(one) && wanted(one), PATIENCE_MS);
    read.add(keyOf(message));
    return message;
  };
  return {
    person,
    command: (name, options = {}) => person.command(name, options),
    press(message, label) {
      const button = message.buttons.flat().find((one) => one.label === label);
      if (!button) throw new Error(`there is no button ${label}, only ${labelsOf(message).join(', ')}`);
      person.press(message.id, button.id);
    },
    reads: (wanted) => next(({ text }) => wanted.test(text)),
    watches: () => next(isVideo),
    videos: () => person.messages().filter(isVideo),
  };
}

let guests = 0;

/** Somebody in a server of their own, unless told. */
export function onDiscord(
  { discord }: Pick<TestProduct, 'discord'>,
  place: Parameters<typeof discord.person>[0] = {},
): Guest<DiscordPerson> {
  guests += 1;
  const guild = { id: `9${String(guests).padStart(17, '0')}`, name: `Server ${guests}` };
  const person = discord.person({ name: `Guest ${guests}`, guild, ...place });
  return {
    ...guestOf(person),
    wish: (prompt, look = {}) => person.command('generate', { prompt, ...look }),
    animate: (image, prompt, look = {}) => person.command('animate', { image, prompt, ...look }),
  };
}

/** Somebody in their private chat with the bot, unless told. */
export function onTelegram(
  { telegram }: Pick<TestProduct, 'telegram'>,
  place: Parameters<typeof telegram.person>[0] = {},
): Guest<TelegramPerson> {
  const person = telegram.person(place);
  const typed = (prompt: string, look: Look) => [prompt, ...Object.entries(look).map((pair) => pair.join('='))].join(' ').trim();
  return {
    ...guestOf(person),
    wish: (prompt, look = {}) => person.say(typed(prompt, look)),
    animate: (picture, prompt, look = {}) => person.sendPicture(picture, typed(prompt, look)),
  };
}

export type Meet = (product: TestProduct) => Guest;

/** `describe.each(PLATFORMS)('in %s', (platform, meet) => …)` tells a story once and runs it on both. */
export const PLATFORMS: ['discord' | 'telegram', Meet][] = [
  ['discord', onDiscord],
  ['telegram', onTelegram],
];
