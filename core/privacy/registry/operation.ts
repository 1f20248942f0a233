import type { CollectionRule } from '../registry-types.ts';
import { ABOUT_NOBODY } from './words.ts';

const OF_NOBODY = {
  class: 'operation',
  owners: [],
  retention: { kept: 'deployment' },
  export: { not: ABOUT_NOBODY },
  erase: { how: 'keep', why: ABOUT_NOBODY },
} as const;

/** Messages that have arrived and were not handled yet. */
export const storedUpdates: CollectionRule = {
  class: 'messages',
  title: 'messages that have just come in',
  purpose: 'so that no message is lost when a process ends in the middle',
  basis: 'contract',
  owners: [],
  retention: { days: 2, from: 'receivedAt' },
  export: { not: 'what it says is erased as soon as it was handled, mostly within a second' },
  erase: { how: 'expire' },
  paths: {
    _id: { about: 'Telegram’s number of the message' },
    chat: { about: 'the chat, as a fingerprint' },
    body: { about: 'the message, until it was handled', sealed: 'deployment' },
    state: { about: 'whether it was handled' },
    receivedAt: { about: 'when it came' },
    dueAt: { about: 'when another process takes it over' },
  },
};

export const usageCounts: CollectionRule = {
  ...OF_NOBODY,
  title: 'how many videos of a kind are made',
  purpose: 'to make the service better without looking at anybody',
  basis: 'safety',
  paths: {
    _id: { about: 'the words below, joined' },
    day: { about: 'the day' },
    source: { about: 'words, or a picture' },
    style: { about: 'the style' },
    aspectRatio: { about: 'the shape' },
    length: { about: 'short, middle or long' },
    outcome: { about: 'what became of them' },
    videos: { about: 'how many, by at least 20 people' },
  },
};

export const menus: CollectionRule = {
  ...OF_NOBODY,
  title: 'menus of commands',
  purpose: 'to tell the platforms of a changed menu once',
  basis: 'contract',
  paths: { _id: { about: 'which platform' }, fingerprint: { about: 'the menu it was last given' } },
};

export const reconciliations: CollectionRule = {
  ...OF_NOBODY,
  title: 'comparisons with payment providers',
  purpose: 'to find payments that were missed',
  basis: 'contract',
  paths: {
    _id: { about: 'which comparison' },
    cursor: { about: 'how far it has come' },
    nextAt: { about: 'when it is due' },
    lease: { about: 'who is at it' },
    leaseUntil: { about: 'until when' },
    finishedAt: { about: 'when the last one ended' },
    seen: { about: 'how many were compared' },
    healed: { about: 'how many were brought in' },
    drift: { about: 'how many differ' },
  },
};

export const walks: CollectionRule = {
  ...OF_NOBODY,
  title: 'rounds over everything',
  purpose: 'to remove what is old, day by day',
  basis: 'law',
  paths: {
    _id: { about: 'which round' },
    cursor: { about: 'how far it has come' },
    nextAt: { about: 'when it is due' },
    leaseUntil: { about: 'until when a process works on it' },
  },
};

export const deploymentKeys: CollectionRule = {
  ...OF_NOBODY,
  title: 'keys of the whole service',
  purpose: 'to seal what belongs to no account, and to sign receipts',
  basis: 'safety',
  paths: {
    _id: { about: 'what it is for' },
    kekId: { about: 'which master key wraps it' },
    wrapped: { about: 'the key, wrapped' },
    createdAt: { about: 'when it was made' },
  },
};
