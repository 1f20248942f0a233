/** Declined for a reason the person can act on: they read `message`, tests and logs match `code`. */
export class UserError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'UserError';
    this.code = code;
  }
}

/** The person or the chat cannot be reached, and trying again would not help: the bot is blocked, the chat is gone. */
export class Undeliverable extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.name = 'Undeliverable';
    this.code = code;
  }
}
