import type { CollectionRule } from '../registry-types.ts';
import { ABOUT_NOBODY, inner } from './words.ts';

/** Word of a new policy, and news to those who want it. */
export const policyNotices: CollectionRule = {
  class: 'consents',
  title: 'policy changes you were told of',
  purpose: 'to tell you once of a new privacy policy',
  basis: 'law',
  owners: [{ path: 'accountId', by: 'account' }],
  retention: { kept: 'account' },
  export: 'yes',
  erase: { how: 'delete' },
  paths: {
    _id: { about: 'its number' },
    accountId: { about: 'who was told' },
    version: { about: 'of which policy' },
    chatAt: { about: 'when it stood in the chat' },
    mail: { about: 'whether it went out by e-mail' },
    mailAt: { about: 'when that was' },
    tries: inner('how often it was tried'),
    createdAt: { about: 'when it became due' },
    dueAt: inner('when it is looked after'),
  },
};

export const newsSent: CollectionRule = {
  class: 'consents',
  title: 'news you were sent',
  purpose: 'to send you each piece of news once, and only while you want it',
  basis: 'consent',
  owners: [{ path: 'accountId', by: 'account' }],
  retention: { kept: 'account' },
  export: 'yes',
  erase: { how: 'delete' },
  paths: {
    _id: { about: 'its number' },
    accountId: { about: 'who it was sent to' },
    broadcast: { about: 'which news' },
    way: { about: 'by chat or e-mail' },
    consent: { about: 'the consent it rests on' },
    at: { about: 'when' },
  },
};

export const broadcasts: CollectionRule = {
  class: 'operation',
  title: 'news as it was written',
  purpose: 'to send news to everybody who wants it, once each',
  basis: 'consent',
  owners: [],
  retention: { kept: 'deployment' },
  export: { not: 'it is our own text to many, and about nobody' },
  erase: { how: 'keep', why: ABOUT_NOBODY },
  paths: {
    _id: { about: 'its number' },
    kind: { about: 'news, or a new policy' },
    state: { about: 'how far it has come' },
    subject: { about: 'its title' },
    text: { about: 'its words' },
    version: { about: 'which policy' },
    cursor: { about: 'the account that was looked at last, a random number; emptied at its end' },
    sent: { about: 'how many it went to' },
    skipped: { about: 'how many did not want it' },
    createdAt: { about: 'when it was written' },
    finishedAt: { about: 'when it was done' },
    leaseUntil: { about: 'until when a process works on it' },
    dueAt: { about: 'when it is looked after' },
  },
};
