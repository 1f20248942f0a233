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
  /** May this order be paid by this person now? Asked before any Stars move, and answered within 10 s. */
  preCheckout(query: { order: string; stars: number; user: string }): Promise<{ ok: true } | { ok: false; reason: string }>;
  /** Stars arrived. Comes again until it resolves once; `until` is in milliseconds since the epoch. */
  starsPaid(paid: {
    order: string;
    charge: string;
    stars: number;
    user: string;
    subscription?: { first: boolean; until: number };
  }): Promise<void>;
  /** Stars went back to the person. Comes again until it resolves once. */
  starsRefunded(refund: { charge: string; order: string }): Promise<void>;
  /** Something of Discord's shop may have changed: a hint, which may come again or never. */
  premiumChanged(hint: { kind: 'entitlement' | 'subscription'; id: string; user: string; sku: string }): Promise<void>;
}
