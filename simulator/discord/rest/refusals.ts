/** Discord's error codes with their HTTP status and words (docs: topics/opcodes-and-status-codes). */
const CODES = {
  10003: [404, 'Unknown Channel'],
  10008: [404, 'Unknown Message'],
  10013: [404, 'Unknown User'],
  10015: [404, 'Unknown Webhook'],
  10027: [404, 'Unknown SKU'],
  10029: [404, 'Unknown Entitlement'],
  10062: [404, 'Unknown interaction'],
  20012: [403, 'You are not authorized to perform this action on this application'],
  30032: [400, 'Maximum number of application commands reached (100)'],
  30034: [429, 'Max number of daily application command creates has been reached (200)'],
  40005: [413, 'Request entity too large'],
  40018: [400, 'Only consumable SKUs can be consumed.'],
  40019: [400, 'You can only delete sandbox entitlements.'],
  40060: [400, 'Interaction has already been acknowledged.'],
  40094: [400, 'Maximum number of follow-up messages reached'],
  50001: [403, 'Missing Access'],
  50005: [403, 'Cannot edit a message authored by another user'],
  50006: [400, 'Cannot send an empty message'],
  50007: [403, 'Cannot send messages to this user'],
  50013: [403, 'Missing Permissions'],
  50027: [401, 'Invalid Webhook Token'],
  50033: [400, 'Invalid Recipient(s)'],
  50035: [400, 'Invalid Form Body'],
  50057: [400, 'Invalid SKU'],
  50109: [400, 'The request body contains invalid JSON.'],
  160002: [400, 'Cannot reply without permission to read message history'],
} as const satisfies Record<number, readonly [number, string]>;

export type RefusalCode = keyof typeof CODES;

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Thrown wherever a request is refused; the door turns it into the answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** The refusal with Discord's own words, and whatever else its body carries. */
export function refusal(code: RefusalCode, more: Record<string, unknown> = {}): Refusal {
  const [status, message] = CODES[code];
  return new Refusal({ status, body: { message, code, ...more } });
}

/** Errors that have a status but no code of their own. */
export function statusRefusal(status: 401 | 404 | 405, words: string): Refusal {
  return new Refusal({ status, body: { message: `${status}: ${words}`, code: 0 } });
}
