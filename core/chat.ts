/** What the core says to a chat and where, in words that no platform owns. */

export type Platform = 'discord' | 'telegram';

/** A Discord channel, and the interaction that asked: its token answers for 15 minutes. */
export interface DiscordPlace {
  platform: 'discord';
  chat: string;
  user: string;
  application: string;
  interaction: { id: string; token: string; at: number };
  /** The bot itself may post in this channel (it is in the guild, or the channel is its own direct chat). */
  canPost: boolean;
  /** Largest file in bytes that this interaction may carry. */
  fileLimit: number;
}

/** A Telegram chat, and the message that asked, where there is one to answer to. */
export interface TelegramPlace {
  platform: 'telegram';
  chat: string;
  user: string;
  group: boolean;
  topic?: number | undefined;
  replyTo?: number | undefined;
}

export type Place = DiscordPlace | TelegramPlace;

/** A piece of a message. Plain strings are shown letter by letter: each bot escapes them for its platform. */
export type Span = string | { bold: string } | { code: string } | { quote: string } | { when: Date };

/** Pressing it sends `command`, a command line of at most 64 bytes, down the same road as typed words. */
export interface CommandButton {
  label: string;
  command: string;
  tone?: 'primary' | 'danger';
}

/** Opens an address in the browser; at most 512 characters. */
export interface LinkButton {
  label: string;
  url: string;
}

/** Discord sells this SKU and labels the button itself; elsewhere it is left out. */
export interface PremiumButton {
  sku: string;
}

export type Button = CommandButton | LinkButton | PremiumButton;

/** A Telegram Stars invoice, which is a message of its own; elsewhere it is left out. */
export interface Invoice {
  /** 1 to 32 characters. */
  title: string;
  /** 1 to 255 characters. */
  description: string;
  /** Id of the order. */
  order: string;
  stars: number;
  /** A subscription, renewed every 30 days. */
  monthly: boolean;
}

/** A finished MP4 to show natively. `read` fetches and decrypts; it is called only when bytes must be uploaded. */
export interface Video {
  name: string;
  seconds: number;
  width: number;
  height: number;
  /** Bytes. */
  size: number;
  /** The platform's own handle of an earlier upload (Telegram's file_id), which spares another one. */
  uploadedAs?: string | undefined;
  read(): Promise<{ video: Buffer; poster: Buffer }>;
}

/** A file to keep: an archive, a receipt. `read` is called only when bytes must be uploaded. */
export interface Attachment {
  /** Letters, digits, dots and hyphens. */
  name: string;
  /** Media type. */
  type: string;
  /** Bytes. */
  size: number;
  read(): Promise<Buffer>;
}

export interface Reply {
  text: Span[];
  buttons?: Button[][];
  /** A reply has a video or a file, not both. */
  video?: Video;
  file?: Attachment;
  invoice?: Invoice;
  /** Discord answers so that only the person sees it, Telegram answers in the private chat. */
  private?: boolean;
  /** The generation, archive or erasure this reply announces: later news about it replaces this message. */
  follows?: string;
}

/** What the platform gave back: the message's id and its handle of the uploaded video. */
export interface Sent {
  message?: string | undefined;
  uploadedAs?: string | undefined;
}

export interface SendOptions {
  /** The same key within a few minutes makes one message where the platform can tell (Discord's nonce); at most 25 characters. */
  key: string;
  /** `news` edits the message that announced the generation and may be dropped; `result` must arrive. */
  kind: 'news' | 'result';
  /** The message that announced the generation, where the platform needs its id to edit or remove it. */
  announced?: string | undefined;
}

/** Throws Undeliverable where trying again would not help, and anything else where it would. */
export type Send = (place: Place, reply: Reply, options: SendOptions) => Promise<Sent>;

/** The Send of each platform that this process speaks on. */
export type Sends = Partial<Record<Platform, Send>>;

/**
 * Takes one of the bot's own messages back. `gone`: it is not there (any more); `refused`: the platform does not let the bot remove it,
 * however often it is tried. Throws where trying again may help.
 */
export type Remove = (place: Place, message: string) => Promise<'removed' | 'gone' | 'refused'>;

/** The Remove of each platform that this process speaks on. */
export type Removes = Partial<Record<Platform, Remove>>;

/** A picture that came with a request and has not been fetched yet. `read` refuses past `limit` bytes with UserError('image_too_large'). */
export interface Upload {
  /** Bytes, where the platform said so. */
  size?: number | undefined;
  read(limit: number): Promise<Buffer>;
}

/** Somebody asked for something. The same `id` again is the same request, whatever it carries. */
export interface Request {
  /** `dc-<interaction id>` or `tg-<update id>`: no colon, at most 40 characters. */
  id: string;
  place: Place;
  person: { name?: string | undefined; language?: string | undefined };
  /** Name of the command. */
  command: string;
  /** Name of its sub-command, where the platform has already told it apart; elsewhere it is the first of the words. */
  sub?: string | undefined;
  /** What stood behind the command, as typed or as a button carries it: `name=value` words and free text. */
  words?: string | undefined;
  /** Options that the platform has already taken apart. */
  values?: Record<string, string | number> | undefined;
  image?: Upload | undefined;
  /** Milliseconds since the epoch when it arrived here. */
  at: number;
}
