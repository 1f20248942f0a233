import type { App } from '../core/app.ts';
import type { Reply } from '../core/chat.ts';
import { UserError } from '../core/errors.ts';
import type { Acceptance } from '../core/generations/accept.ts';
import { refusalOf } from '../core/texts/faults.ts';
import { queuedReply } from '../core/texts/generations.ts';

/** What the person reads when their request was accepted; a refusal is thrown as UserError. */
export function acceptanceReply(app: App, acceptance: Acceptance): Reply {
  if (acceptance.kind === 'rejected') throw new UserError(acceptance.reason, refusalOf(acceptance));
  const { generation, ahead, available } = acceptance;
  const rounds = Math.floor(ahead / app.provider.slots) + 1;
  return queuedReply({ generation, ahead, available, estimateSeconds: rounds * app.provider.estimate(generation) });
}
