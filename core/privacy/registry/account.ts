import type { CollectionRule } from '../registry-types.ts';
import { FINGERPRINT, inner, KEY } from './words.ts';

/** Who the person is to us. */
export const accounts: CollectionRule = {
  class: 'account',
  title: 'your account',
  purpose: 'to know you again, and to make your videos as you like them',
  basis: 'contract',
  owners: [{ path: '_id', by: 'account' }],
  retention: { kept: 'account' },
  export: 'yes',
  erase: { how: 'delete' },
  paths: {
    _id: { about: 'its number here' },
    'identities.platform': { about: 'the app you use it from' },
    'identities.hash': { about: 'your user id there, as a fingerprint', exportNot: FINGERPRINT },
    keyId: { about: 'the key that seals your data', exportNot: KEY },
    status: { about: 'whether it is in use, about to be deleted, or being deleted' },
    leaving: inner('the deletion it is leaving by'),
    name: { about: 'your name', sealed: 'text' },
    language: { about: 'your language' },
    mail: { about: 'your confirmed e-mail address', sealed: 'text' },
    'mailProof.address': { about: 'an e-mail address that waits for its code', sealed: 'json' },
    'mailProof.codeHash': { about: 'that code, as a fingerprint', exportNot: FINGERPRINT },
    'mailProof.tries': inner('how often a wrong code was entered'),
    'mailProof.until': { about: 'until when that code can be used' },
    home: { about: 'your private Telegram chat', sealed: 'text' },
    'policy.version': { about: 'the newest privacy policy you were told of' },
    'policy.at': { about: 'when that was' },
    seenAt: { about: 'the last day you asked for something' },
    remindedAt: { about: 'when you were told that an unused account is deleted' },
    unusedUntil: { about: 'when it is deleted because nobody uses it' },
    'settings.style': { about: 'the style you like' },
    'settings.aspectRatio': { about: 'the shape you like' },
    'settings.seconds': { about: 'the length you like' },
    'settings.ask': { about: 'above how many credits you are asked first' },
    wallet: { about: 'which credits it uses' },
    partner: { about: 'your linked account on the other app' },
    joining: inner('a link that is being made'),
    'linkTries.count': inner('how many wrong link codes were tried in this hour'),
    'linkTries.until': inner('when that hour ends'),
    createdAt: { about: 'when you first wrote' },
  },
};

/** Two accounts of one person finding each other. */
export const linkCodes: CollectionRule = {
  class: 'account',
  title: 'links between your accounts',
  purpose: 'to join your accounts on Discord and Telegram',
  basis: 'contract',
  owners: [
    { path: 'accountId', by: 'account' },
    { path: 'partner', by: 'account' },
  ],
  retention: { until: 'forgetAt', about: 'a day after its end' },
  export: 'yes',
  erase: { how: 'delete' },
  paths: {
    _id: { about: 'its number' },
    purpose: { about: 'to join or to separate' },
    state: { about: 'how far it has come' },
    accountId: { about: 'the account that showed the code' },
    platform: { about: 'where the code was shown' },
    codeHash: { about: 'the code, as a fingerprint', exportNot: FINGERPRINT },
    partner: { about: 'the account that entered the code', exportNot: 'it may be somebody else’s who was given the code' },
    createdAt: { about: 'when it was made' },
    expiresAt: { about: 'until when it could be used' },
    dueAt: inner('when it is looked after'),
    forgetAt: inner('when it is removed'),
  },
};

/** What seals all the rest. */
export const keys: CollectionRule = {
  class: 'operation',
  title: 'the key of your account',
  purpose: 'to seal what is yours, so that it ends for good when the key is destroyed',
  basis: 'safety',
  owners: [{ path: '_id', by: 'key' }],
  retention: { kept: 'account' },
  export: { not: 'it is a key, and opens nothing outside this service' },
  erase: {
    how: 'keep',
    why: 'the key itself is destroyed; its empty place stays, so that no backup can bring it back to life',
  },
  paths: {
    _id: { about: 'its name, a fingerprint' },
    state: { about: 'whether it was destroyed' },
    kekId: { about: 'which master key wraps it' },
    wrapped: { about: 'the key, wrapped; gone when it is destroyed' },
    version: { about: 'its version' },
    createdAt: { about: 'when it was made' },
    destroyedAt: { about: 'when it was destroyed' },
  },
};

/** That somebody has left. */
export const departures: CollectionRule = {
  class: 'operation',
  title: 'welcome credits that were had',
  purpose: 'so that nobody gets welcome credits again and again by leaving',
  basis: 'safety',
  owners: [],
  retention: { until: 'forgetAt', about: '180 days after an account was deleted' },
  export: { not: 'it is made when an account is gone, and nothing can be read from it' },
  erase: { how: 'expire' },
  paths: {
    _id: { about: 'a fingerprint under a name of its own, tied to nothing' },
    forgetAt: { about: 'when it is removed' },
  },
};
