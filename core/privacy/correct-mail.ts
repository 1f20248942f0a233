import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { AccountDocument } from '../../models/account.ts';
import type { Account } from '../accounts.ts';
import type { App } from '../app.ts';
import { UserError } from '../errors.ts';
import { describe } from '../log.ts';
import { mailCodeLetter } from '../texts/correct.ts';
import { changeAccount, placeIn } from './correct.ts';
import { recordPrivacyEvent } from './events.ts';

const CODE_LIVES_MS = 10 * 60_000;
const MOST_TRIES = 5;
const MOST_CODES = 3;
const HOUR_MS = 3_600_000;

const addressSchema = z.email().max(254);
/** The address is gone once it is confirmed; when codes were sent is kept, so that nobody can be showered with them. */
const proofSchema = z.object({ address: z.string().optional(), sent: z.array(z.number()) });
type Proof = z.infer<typeof proofSchema>;
type StoredProof = NonNullable<AccountDocument['mailProof']>;

/**
 * Sends a code to an address, which is stored only when the code has come back; gives back the address. The same request again sends the
 * same letter. Throws UserError: mail_unusable, no_mail, too_many_codes, mail_failed, changed.
 */
export async function askMail(
  app: App,
  account: Account,
  { address: wanted, id, at }: { address: string; id: string; at: number },
): Promise<string> {
  if (!app.mail) throw noMail();
  const address = addressSchema.safeParse(wanted.trim()).data;
  if (!address) {
    throw new UserError(
      'mail_unusable',
      'That does not look like an e-mail address such as robin@example.com. Nothing was changed.',
    );
  }
  const code = codeFor(app, account.id, id);
  const codeHash = hashOf(app, account.id, code);
  const before = account.about.mailProof;
  if (before?.codeHash !== codeHash) await storeProof(app, account, { address, codeHash, at });
  try {
    await app.mail.send({ to: address, id: `mail-code ${codeHash}`, ...mailCodeLetter(code) });
  } catch (error) {
    app.log.warn('a code could not be sent', describe(error));
    throw new UserError(
      'mail_failed',
      'The code could not be sent to that address. Nothing was changed. Check it and try again.',
    );
  }
  return address;
}

async function storeProof(
  app: App,
  account: Account,
  { address, codeHash, at }: { address: string; codeHash: string; at: number },
): Promise<void> {
  const { mailProof: before } = account.about;
  const lately = before ? openProof(account, before).sent.filter((time) => time > at - HOUR_MS) : [];
  if (lately.length >= MOST_CODES) {
    throw new UserError(
      'too_many_codes',
      `I send at most ${MOST_CODES} codes an hour. Please try again later. Nothing was changed.`,
    );
  }
  const mailProof = {
    address: sealProof(account, { address, sent: [...lately, at] }),
    codeHash,
    tries: 0,
    until: new Date(at + CODE_LIVES_MS),
  };
  const unchanged = before ? { 'mailProof.codeHash': before.codeHash } : { mailProof: { $exists: false } };
  if (!(await changeAccount(app, account.id, { $set: { mailProof } }, unchanged))) throw changed();
}

/**
 * The code came back: stores the address. A try is counted before the code is looked at, so that many at once are no more of them. The right
 * code again says yes again. Throws UserError: no_code, too_many_tries, code_wrong, changed.
 */
export async function confirmMail(app: App, account: Account, { code, at }: { code: string; at: number }): Promise<void> {
  const alive = { 'mailProof.tries': { $lt: MOST_TRIES }, 'mailProof.until': { $gt: new Date(at) } };
  const counted = await changeAccount(app, account.id, { $inc: { 'mailProof.tries': 1 } }, alive);
  const { mailProof } = (await app.models.accounts.findById(account.id, { mailProof: 1 }).lean()) ?? {};
  if (!mailProof || mailProof.until.getTime() <= at) {
    throw new UserError('no_code', 'No code is waiting: it works for 10 minutes. Enter the address again for a new one.');
  }
  if (!counted) {
    throw new UserError('too_many_tries', `That code was tried ${MOST_TRIES} times. Enter the address again for a new one.`);
  }
  if (!isSame(hashOf(app, account.id, code), mailProof.codeHash)) {
    throw new UserError('code_wrong', 'That is not the code in the newest e-mail. Nothing was changed.');
  }
  const { address, sent } = openProof(account, mailProof);
  if (address === undefined) return;
  const { id, keys } = account;
  const mail = keys.seal(placeIn(id, 'mail'), address);
  const set = { mail, 'mailProof.address': sealProof(account, { sent }) };
  const same = { 'mailProof.codeHash': mailProof.codeHash, 'mailProof.address': mailProof.address };
  if (!(await changeAccount(app, id, { $set: set }, same))) throw changed();
  await recordPrivacyEvent(app, { accountId: id, actor: 'person', action: 'mail_corrected', at });
}

/** Removes the address, and one that waits for its code. */
export async function removeMail(app: App, account: Account, at: number): Promise<void> {
  const { id, about } = account;
  const unset = { mail: 1 } as const;
  const { mailProof } = about;
  if (mailProof) {
    const { sent } = openProof(account, mailProof);
    const spent = { 'mailProof.address': sealProof(account, { sent }), 'mailProof.until': new Date(at) };
    const same = { 'mailProof.codeHash': mailProof.codeHash };
    if (!(await changeAccount(app, id, { $unset: unset, $set: spent }, same))) throw changed();
  } else {
    await changeAccount(app, id, { $unset: unset });
  }
  await recordPrivacyEvent(app, { accountId: id, actor: 'person', action: 'mail_corrected', at });
}

/** The same request makes the same code, so that a repeat of it sends the same letter; to everybody else it is as good as chance. */
function codeFor(app: App, accountId: string, requestId: string): string {
  const bytes = Buffer.from(app.keys.blindIndex('mail-code-of', accountId, requestId), 'base64url');
  return String(bytes.readUIntBE(0, 6) % 1_000_000).padStart(6, '0');
}

const hashOf = (app: App, accountId: string, code: string): string => app.keys.blindIndex('mail-code', accountId, code);

function openProof({ id, keys }: Account, { address }: StoredProof): Proof {
  return proofSchema.parse(JSON.parse(keys.unseal(placeIn(id, 'mailProof.address'), address)));
}

const sealProof = ({ id, keys }: Account, proof: Proof) => keys.seal(placeIn(id, 'mailProof.address'), JSON.stringify(proof));

const isSame = (given: string, expected: string): boolean =>
  given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));

const noMail = () =>
  new UserError('no_mail', 'This deployment sends no e-mail, so no address can be added. Nothing was changed.');

const changed = () =>
  new UserError('changed', 'Something else was corrected at this very moment. Nothing was changed by this; please try again.');
