import type { QueryFilter, UpdateQuery } from 'mongoose';
import type { AccountDocument } from '../../models/account.ts';
import type { Account } from '../accounts.ts';
import type { App } from '../app.ts';
import { UserError } from '../errors.ts';
import { recordPrivacyEvent } from './events.ts';

const MOST_NAME_LETTERS = 64;
const MOST_LANGUAGE_LETTERS = 16;
/** Control characters, line ends, and the invisible signs that turn the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Where an account's sealed fields lie. */
export const placeIn = (id: string, path: 'name' | 'mail' | 'mailProof.address') => ({ collection: 'accounts', id, path });

export interface HeldAbout {
  name?: string;
  mail?: string;
  language?: string;
}

/** What can be corrected, as it is held now. */
export function heldAbout({ id, about: { name, mail, language }, keys }: Account): HeldAbout {
  return {
    ...(name && { name: keys.unseal(placeIn(id, 'name'), name) }),
    ...(mail && { mail: keys.unseal(placeIn(id, 'mail'), mail) }),
    ...(language && { language }),
  };
}

/** Stores the name and gives it back as stored. Throws UserError('name_unusable'). */
export async function correctName(app: App, account: Account, wanted: string, at: number): Promise<string> {
  const name = wanted.normalize('NFC').trim();
  const { length } = [...name];
  if (length < 1 || length > MOST_NAME_LETTERS || UNSEEN.test(name)) {
    throw new UserError(
      'name_unusable',
      `A name has 1 to ${MOST_NAME_LETTERS} letters, on one line and all of them visible. Nothing was changed.`,
    );
  }
  await changeAccount(app, account.id, { $set: { name: account.keys.seal(placeIn(account.id, 'name'), name) } });
  await recordPrivacyEvent(app, { accountId: account.id, actor: 'person', action: 'name_corrected', at });
  return name;
}

/** Stores a language by its tag (BCP 47) and gives the tag back in its usual form. Throws UserError('language_unknown'). */
export async function correctLanguage(app: App, account: Account, wanted: string, at: number): Promise<string> {
  const language = tagOf(wanted);
  if (!language) {
    throw new UserError(
      'language_unknown',
      'I do not know that language. Use its short name, such as en, de, pt-BR or zh-Hant. Nothing was changed.',
    );
  }
  await changeAccount(app, account.id, { $set: { language } });
  await recordPrivacyEvent(app, { accountId: account.id, actor: 'person', action: 'language_corrected', at });
  return language;
}

/** "Portuguese (Brazil)"; the tag itself where it has no such name. */
export const languageName = (tag: string): string => nameOfTag(tag) ?? tag;

function tagOf(wanted: string): string | undefined {
  try {
    const [tag] = Intl.getCanonicalLocales(wanted.trim().replaceAll('_', '-'));
    return tag && tag.length <= MOST_LANGUAGE_LETTERS && nameOfTag(tag) ? tag : undefined;
  } catch {
    return undefined;
  }
}

/** A tag may be well formed and mean nothing: then there is no name. */
function nameOfTag(tag: string): string | undefined {
  try {
    return new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' }).of(tag);
  } catch {
    return undefined;
  }
}

/** Changes an active account; false where `only` does not hold (any more). Throws UserError('account_leaving') for one that is not active. */
export async function changeAccount(
  app: App,
  accountId: string,
  update: UpdateQuery<AccountDocument>,
  only: QueryFilter<AccountDocument> = {},
): Promise<boolean> {
  const { accounts } = app.models;
  const { matchedCount } = await accounts.updateOne({ ...only, _id: accountId, status: 'active' }, update);
  if (matchedCount > 0) return true;
  if (await accounts.exists({ _id: accountId, status: 'active' })) return false;
  throw new UserError(
    'account_leaving',
    'Your account is being deleted, so nothing can be corrected in it. Nothing was changed.',
  );
}
