/** Discord's figures that no test needs to turn (docs: resources/message, interactions/application-commands). */
export const MIB = 1024 * 1024;
export const REQUEST_BYTES = 25 * MIB;
export const FILES = 10;
export const CONTENT = 2000;
export const FOLLOW_UPS_OF_USER_INSTALLS = 5;
/** How long a nonce is remembered: "a few minutes". */
export const NONCE_MS = 5 * 60_000;

export const FLAGS = { suppressEmbeds: 4, ephemeral: 64, loading: 128, componentsV2: 1 << 15 } as const;

export const PERMISSIONS = {
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  embedLinks: 1n << 14n,
  attachFiles: 1n << 15n,
  readMessageHistory: 1n << 16n,
} as const;

/** What a bot with the usual invitation may do, and what everybody may in a direct chat. */
export const USUAL_PERMISSIONS = Object.values(PERMISSIONS).reduce((sum, bit) => sum | bit, 0n);
