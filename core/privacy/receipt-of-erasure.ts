import { verify } from 'node:crypto';
import { z } from 'zod';
import type { Keys } from '../keys.ts';

/** What the line of a receipt begins with: its form, which is signed with the rest. */
const FORM = 'lpm-receipt-1';
const LINE = /lpm-receipt-1\.[\w-]+\.[\w-]+/;
/** So old are the backups of the keys at most, in milliseconds: from then on no backup opens what was sealed. */
export const KEY_BACKUPS_MS = 7 * 86_400_000;

const date = z.iso.datetime();
const receipt = z.strictObject({
  id: z.string(),
  service: z.string(),
  scope: z.enum(['video', 'media', 'prompts', 'account']),
  asked: date,
  begun: date,
  done: date,
  /** How many of each class went. */
  deleted: z.record(z.string(), z.number().int()),
  kept: z.array(z.strictObject({ what: z.string(), ground: z.string(), until: date.optional() })),
  processors: z.array(z.strictObject({ name: z.string(), answer: z.string() })),
  /** From then on no backup holds a key that opens anything of it. */
  backupsUnreadableFrom: date.optional(),
  /** The version of the privacy policy in force. */
  policy: z.string(),
});

/** What was deleted, what stays and why, and who else was asked: counts and dates, nothing of the person. */
export type Receipt = z.infer<typeof receipt>;

/** One line that anybody can check with the public key: form, content and Ed25519 signature (RFC 8032) over both, each in base64url. */
export function signReceipt(keys: Pick<Keys, 'signReceipt'>, content: Receipt): string {
  const signed = `${FORM}.${Buffer.from(canonical(content)).toString('base64url')}`;
  return `${signed}.${keys.signReceipt(Buffer.from(signed)).toString('base64url')}`;
}

/** The content of a receipt that this service has signed, wherever it stands in the text; undefined when there is none or it was changed. */
export function checkReceipt(keys: Pick<Keys, 'receiptsPublicKey'>, text: string): Receipt | undefined {
  const line = LINE.exec(text)?.[0];
  if (!line) return undefined;
  const end = line.lastIndexOf('.');
  const signature = Buffer.from(line.slice(end + 1), 'base64url');
  if (signature.toString('base64url') !== line.slice(end + 1)) return undefined;
  if (!verify(null, Buffer.from(line.slice(0, end)), keys.receiptsPublicKey, signature)) return undefined;
  const content: unknown = JSON.parse(Buffer.from(line.slice(FORM.length + 1, end), 'base64url').toString());
  return receipt.parse(content);
}

/** JSON with the names of every object in order, so that the same content is the same bytes. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
