import type { ApiError, ResponseParameters } from '@grammyjs/types';

/** A call that Telegram would decline; `answer` is the body of the response, its error_code also the HTTP status. */
export class Refusal extends Error {
  readonly answer: ApiError;

  constructor(code: number, description: string, parameters?: ResponseParameters) {
    super(description);
    this.name = 'Refusal';
    this.answer = { ok: false, error_code: code, description, ...(parameters && { parameters }) };
  }
}

export const badRequest = (text: string): Refusal => new Refusal(400, `Bad Request: ${text}`);
export const forbidden = (text: string): Refusal => new Refusal(403, `Forbidden: ${text}`);
export const conflict = (text: string): Refusal => new Refusal(409, `Conflict: ${text}`);

/** 429; `seconds` goes into the text, the parameters and the HTTP header. */
export const tooManyRequests = (seconds: number): Refusal =>
  new Refusal(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });

/** 400: the group has become the supergroup `chat`. */
export const upgraded = (chat: number): Refusal =>
  new Refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: chat });
