/** What a person sees of a simulated chat and can do in it: the same words for both platforms, for the page, the demo and the tests. */

export interface SeenButton {
  id: string;
  label: string;
  tone: 'primary' | 'danger' | 'plain';
  /** Opens this address instead of telling the bot. */
  url?: string;
  /** Pressing it buys, at this price, as the person reads it; Discord only. */
  price?: string;
}

export interface SeenFile {
  kind: 'video' | 'image' | 'file';
  name: string;
  /** Bytes. */
  size: number;
  /** Address on this machine where it can be fetched. */
  url: string;
}

/** What a message asks to be paid for, itself or by a link to an invoice among its buttons. */
export interface SeenInvoice {
  title: string;
  description: string;
  /** With its currency, as the person reads it. */
  price: string;
  paid: boolean;
  /** Why the last attempt to pay failed. */
  problem?: string;
}

export interface SeenMessage {
  id: string;
  from: 'person' | 'bot';
  /** Safe HTML (b, i, code, blockquote, br, time), made from what the platform would show. */
  html: string;
  /** The same as plain words. */
  text: string;
  buttons: SeenButton[][];
  files: SeenFile[];
  invoice?: SeenInvoice;
  /** Only the person sees it (Discord's ephemeral answer). */
  ephemeral: boolean;
  /** The platform shows that the bot is at work ("thinking", "typing"). */
  pending: boolean;
  edited: boolean;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface MenuOption {
  name: string;
  about: string;
  type: 'text' | 'integer' | 'choice' | 'image';
  required: boolean;
  choices: { label: string; value: string }[];
}

export interface MenuCommand {
  /** With its sub-command, where the platform has such: `privacy export`. */
  name: string;
  about: string;
  options: MenuOption[];
}

export interface Picture {
  name: string;
  data: Buffer;
}

/** One simulated person in one chat with the bot. */
export interface Person {
  readonly platform: 'discord' | 'telegram';
  readonly name: string;
  /** The commands the bot has put into the platform's menu. */
  menu(): MenuCommand[];
  /**
   * Discord: a slash command with its options; one with sub-commands is `privacy export`, and without the second word the first of them.
   * Telegram: the line is typed as a message.
   */
  command(name: string, options?: Record<string, string | number | Picture>): void;
  /** A plain message; Telegram only (the Discord bot reads no messages). */
  say(text: string): void;
  /** A picture with a caption; Telegram only. */
  sendPicture(picture: Picture, caption: string): void;
  press(messageId: string, buttonId: string): void;
  /** Confirms the payment that a message asks for; Telegram only. The bot is asked first, so it may still fail. */
  pay(messageId: string): void;
  messages(): SeenMessage[];
  /** Called after every change of what `messages` returns; gives back a way to stop. */
  onChange(listener: () => void): () => void;
  /** Resolves with the first message, seen now or later, for which `wanted` holds; rejects after `withinMs`. */
  until(wanted: (message: SeenMessage) => boolean, withinMs?: number): Promise<SeenMessage>;
}
