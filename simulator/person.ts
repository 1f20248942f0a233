/** What a person sees of a simulated chat and can do in it: the same words for both platforms, for the page, the demo and the tests. */

export interface SeenButton {
  id: string;
  label: string;
  tone: 'primary' | 'danger' | 'plain';
}

export interface SeenFile {
  kind: 'video' | 'image';
  name: string;
  /** Bytes. */
  size: number;
  /** Address on this machine where it can be fetched. */
  url: string;
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
  /** Discord: a slash command with its options. Telegram: the line is typed as a message. */
  command(name: string, options?: Record<string, string | number | Picture>): void;
  /** A plain message; Telegram only (the Discord bot reads no messages). */
  say(text: string): void;
  /** A picture with a caption; Telegram only. */
  sendPicture(picture: Picture, caption: string): void;
  press(messageId: string, buttonId: string): void;
  messages(): SeenMessage[];
  /** Called after every change of what `messages` returns; gives back a way to stop. */
  onChange(listener: () => void): () => void;
  /** Resolves with the first message, seen now or later, for which `wanted` holds; rejects after `withinMs`. */
  until(wanted: (message: SeenMessage) => boolean, withinMs?: number): Promise<SeenMessage>;
}
