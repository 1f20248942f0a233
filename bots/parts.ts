import type { Command } from '../commands/command.ts';
import type { Reply, Request } from '../core/chat.ts';
import type { Inbox } from '../core/inbox.ts';
import type { Log } from '../core/log.ts';
import type { Menus } from '../core/menus.ts';

/** What main.ts hands to a bot. */
export interface BotParts {
  log: Log;
  commands: readonly Command[];
  menus: Menus;
  inbox: Inbox;
  /** Dispatch: never throws, whatever was asked becomes a Reply. */
  answer(request: Request): Promise<Reply>;
  /** The generation was announced in this message, which later news will edit. */
  announced(generation: string, message: string): Promise<void>;
}
