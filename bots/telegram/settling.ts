import { describe } from '../../core/log.ts';
import type { BotParts } from '../parts.ts';
import type { Movement } from './money.ts';
import { createOrder } from './order.ts';

/** Movements of Stars that are told to the core at the same time. */
const AT_ONCE = 16;

export interface Settling {
  /** Tells the core of a movement that the inbox holds; what is under way already is not begun again. */
  begin(movement: Movement): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** What the core does not take stays in the inbox, which gives it out again. Those of one chat keep their order, beside all other work. */
export function createSettling(parts: Pick<BotParts, 'inbox' | 'log' | 'starsPaid' | 'starsRefunded'>): Settling {
  const { inbox, log } = parts;
  const order = createOrder(AT_ONCE);
  const begun = new Set<string>();

  async function settle(movement: Movement): Promise<void> {
    if (movement.kind === 'paid') await parts.starsPaid(movement.paid);
    else await parts.starsRefunded(movement.refund);
    await inbox.done(movement.id);
  }

  return {
    begin(movement) {
      const { id, chat } = movement;
      if (begun.has(id)) return;
      begun.add(id);
      order
        .run(chat, () => settle(movement))
        .catch((error: unknown) => log.error('telegram.payment_waits', { request: id, ...describe(error) }))
        .finally(() => begun.delete(id));
    },
    idle: () => order.idle(),
  };
}
