import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';

/**
 * A call that Discord refused (`code` is Discord's number), or that did not come through (`code` is a word).
 * It keeps nothing of the library's error, whose address and body hold tokens and people's words.
 */
export class DiscordFailure extends Error {
  readonly code: string;
  readonly status: number | undefined;

  constructor(code: string, status?: number) {
    super(`Discord: ${code}`);
    this.name = 'DiscordFailure';
    this.code = code;
    this.status = status;
  }
}

/** Codes of a file or request that is too large for the channel or person. */
const TOO_LARGE = ['40005', '50045'];

/** The same failure without anything secret or personal in it. */
export function toFailure(error: unknown): DiscordFailure {
  if (error instanceof DiscordFailure) return error;
  if (error instanceof RateLimitError) return new DiscordFailure('rate_limited', 429);
  if (error instanceof HTTPError) return new DiscordFailure(`http_${error.status}`, error.status);
  if (error instanceof DiscordAPIError) {
    const { code, status } = error;
    if (status === 413 || TOO_LARGE.includes(String(code))) return new DiscordFailure('too_large', status);
    return new DiscordFailure(code === undefined || String(code) === '0' ? `http_${status}` : String(code), status);
  }
  return new DiscordFailure(connectionCode(error));
}

function connectionCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout';
  for (const place of [error, error.cause]) {
    if (typeof place === 'object' && place !== null && 'code' in place && typeof place.code === 'string') {
      if (/^[A-Z][A-Z0-9_]{2,40}$/.test(place.code)) return place.code;
    }
  }
  return 'no_connection';
}
