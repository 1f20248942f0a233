import { inspect } from 'node:util';
import { GrammyError, HttpError } from 'grammy';
import { Undeliverable } from '../../core/errors.ts';

/** A call to Telegram that failed and may succeed later. Its message names the method and the cause, never the token or a person. */
export class TelegramFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'TelegramFailure';
    this.code = code;
  }
}

/** Descriptions follow tdlib/telegram-bot-api, Client.cpp. */
const HOPELESS: readonly [RegExp, string][] = [
  [/blocked by the user/i, 'blocked'],
  [/user is deactivated/i, 'deactivated'],
  [/kicked from|not a member/i, 'kicked'],
  [/can't initiate conversation/i, 'not_opened'],
  [/chat not found|PEER_ID_INVALID/i, 'chat_gone'],
  [/not enough rights|have no rights|CHAT_WRITE_FORBIDDEN|CHAT_RESTRICTED/i, 'no_rights'],
  [/TOPIC_CLOSED/i, 'topic_closed'],
  [/Request Entity Too Large/i, 'too_large'],
];

function says(error: unknown, pattern: RegExp): boolean {
  return error instanceof GrammyError && pattern.test(error.description);
}

export const isNotModified = (error: unknown): boolean => says(error, /message is not modified/i);
export const isMessageGone = (error: unknown): boolean =>
  says(error, /message to edit not found|message can't be edited|no text in the message to edit|MESSAGE_ID_INVALID/i);
export const isNothingToDelete = (error: unknown): boolean => says(error, /message to delete not found|MESSAGE_ID_INVALID/i);
export const isUndeletable = (error: unknown): boolean => says(error, /message can't be deleted/i);
export const isFileUnknown = (error: unknown): boolean =>
  says(error, /wrong (remote )?file|wrong type of (the )?file|file_id|FILE_REFERENCE|type of file mismatch|use file of type/i);
export const isFileTooBig = (error: unknown): boolean => says(error, /file is too big/i);
export const isTopicGone = (error: unknown): boolean => says(error, /message thread not found/i);
export const isConflict = (error: unknown): boolean => error instanceof GrammyError && error.error_code === 409;

/** The chat that took the place of an upgraded group. */
export function migratedTo(error: unknown): number | undefined {
  return error instanceof GrammyError ? error.parameters.migrate_to_chat_id : undefined;
}

/** Seconds that Telegram asks us to stay silent. */
export function retryAfter(error: unknown): number | undefined {
  return error instanceof GrammyError ? error.parameters.retry_after : undefined;
}

/** What leaves this room instead of grammY's errors, which hold the token (in a network error's cause) and what was said to the person. */
export function withoutSecrets(error: unknown, token: string): Error {
  if (error instanceof Undeliverable || error instanceof TelegramFailure) return error;
  if (error instanceof GrammyError) return refused(error, token);
  if (error instanceof HttpError) {
    return new TelegramFailure(
      codeOf(error.error) ?? 'network',
      strike(`${error.message} ${codeOf(error.error) ?? ''}`.trim(), token),
    );
  }
  const secrets = [token, encodeURIComponent(token)];
  if (error instanceof Error && !secrets.some((secret) => inspect(error).includes(secret))) return error;
  return new TelegramFailure(codeOf(error) ?? 'telegram', 'a call to Telegram failed');
}

function refused(error: GrammyError, token: string): Error {
  const hopeless = [400, 403, 413].includes(error.error_code) && HOPELESS.find(([pattern]) => pattern.test(error.description));
  if (hopeless) return new Undeliverable(hopeless[1]);
  if (error.error_code === 403) return new Undeliverable('forbidden');
  return new TelegramFailure(
    `telegram_${error.error_code}`,
    strike(`${error.method}: ${error.error_code} ${error.description}`, token),
  );
}

function strike(words: string, token: string): string {
  return words.replaceAll(token, '[token]').replaceAll(encodeURIComponent(token), '[token]');
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
