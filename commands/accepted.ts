import type { App } from '../core/app.ts';
import type { Reply } from '../core/chat.ts';
import { UserError } from '../core/errors.ts';
import type { Acceptance } from '../core/generations/accept.ts';
import { estimateOf } from '../core/generations/promise.ts';
import { refusalOf } from '../core/texts/faults.ts';
import { askedReply, queuedReply } from '../core/texts/generations.ts';

/** What the person reads when their request was accepted, or is asked about; a refusal is thrown as UserError. */
export function acceptanceReply(app: App, acceptance: Acceptance): Reply {
  if (acceptance.kind === 'rejected') throw new UserError(acceptance.reason, refusalOf(acceptance));
  if (acceptance.kind === 'asked') return askedReply(acceptance.generation, acceptance.available);
  const { generation, ahead, available } = acceptance;
  return queuedReply({ generation, ahead, available, estimateSeconds: estimateOf(app, generation, ahead) });
}
