import type { PlaceRule } from '../registry-types.ts';

const PLAIN = { class: 'operation', basis: 'contract', encrypted: false } as const;
const OF_NOBODY = { ...PLAIN, export: { not: 'it is about nobody' }, erase: 'holds nothing of a person' } as const;

const QUEUES = ['generate', 'deliver', 'payments', 'notify', 'export', 'erase', 'broadcast', 'gallery'];
const queue = (name: string): PlaceRule => ({
  ...PLAIN,
  about: `queue “${name}”: the number of something that is to be done, and no word of it`,
  purpose: 'to begin with it at once',
  kept: 'until it is done',
  export: { not: 'it is a number that stands in the export already' },
  erase: 'delete',
});

/** By how a key goes on behind the deployment's name. BullMQ keeps a handful of lists for each queue. */
export const redis: Readonly<Record<string, PlaceRule>> = {
  ...Object.fromEntries(QUEUES.map((name) => [`:${name}:`, queue(name)])),
  ':announced:': {
    class: 'messages',
    about: 'which message announced a video',
    purpose: 'to put news in its place instead of below it',
    basis: 'contract',
    kept: 'an hour',
    encrypted: false,
    export: { not: 'it is a number of the chat platform' },
    erase: 'expire',
  },
  ':telegram:flood:': {
    ...OF_NOBODY,
    about: 'how much was just said in a chat, which stands there as a fingerprint',
    purpose: 'to keep Telegram’s limits',
    kept: 'a minute',
    erase: 'expire',
  },
};

const MEDIA = { basis: 'contract', encrypted: true, export: 'yes', erase: 'delete' } as const;

/** By how an object's name begins. */
export const objects: Readonly<Record<string, PlaceRule>> = {
  'images/': {
    ...MEDIA,
    class: 'generations',
    about: 'pictures you sent',
    purpose: 'to make a video of them',
    kept: '24 hours after the end of the video',
  },
  'videos/': {
    ...MEDIA,
    class: 'generations',
    about: 'your videos',
    purpose: 'for you to watch again',
    kept: 'while you have an account, or until you delete them',
  },
  'posters/': {
    ...MEDIA,
    class: 'generations',
    about: 'the first picture of each video',
    purpose: 'to show the video before it plays',
    kept: 'as long as the video',
    export: { not: 'it is a picture out of the video' },
  },
  'archives/': {
    ...MEDIA,
    class: 'privacy',
    about: 'exports',
    purpose: 'to hand you a copy of your data',
    basis: 'law',
    kept: '72 hours',
    export: { not: 'it is an export itself' },
  },
  'gallery/': {
    ...MEDIA,
    class: 'generations',
    about: 'copies of videos in the public gallery',
    purpose: 'to show them because you said so',
    basis: 'consent',
    kept: 'until you take your consent back, and a minute longer at most',
    export: { not: 'it is a copy of a video that is in the export' },
  },
  'journal/': {
    class: 'privacy',
    about: 'which accounts were deleted, as random numbers',
    purpose: 'so that a restored backup does not bring them back',
    basis: 'law',
    kept: 'longer than any backup',
    encrypted: true,
    export: { not: 'it is written when an account is gone' },
    erase: 'holds nothing of a person',
  },
};

const EMBEDDED = { ...OF_NOBODY, purpose: 'to run on a machine that has no servers of its own' } as const;
const WITH_DATA = { ...EMBEDDED, erase: 'delete' } as const;

/** Below the data directory, by how their names begin there. */
export const files: Readonly<Record<string, PlaceRule>> = {
  'work/': {
    class: 'generations',
    about: 'a video while it is made and a picture while it is read',
    purpose: 'to make the video',
    basis: 'contract',
    kept: 'seconds; what a dead process left is swept at the next start',
    encrypted: false,
    export: { not: 'it is the video or picture that is in the export' },
    erase: 'delete',
  },
  'master.key': {
    ...OF_NOBODY,
    about: 'the master key, where none is set in the environment',
    purpose: 'to wrap every other key',
    basis: 'safety',
    kept: 'while the service runs',
  },
  'mongo/': { ...WITH_DATA, about: 'the embedded database: the collections above', kept: 'as each collection' },
  'redis/': { ...WITH_DATA, about: 'the embedded Redis: the keys above', kept: 'as each key' },
  's3/': { ...WITH_DATA, about: 'the embedded object store: the objects above', kept: 'as each object', encrypted: true },
  'logs/': { ...EMBEDDED, about: 'what the embedded servers say of themselves', kept: 'until they have grown too long' },
  'run/': { ...EMBEDDED, about: 'settings and process numbers of the embedded servers', kept: 'while they run' },
  'venv/': { ...EMBEDDED, about: 'programs of the embedded servers', kept: 'while they are used' },
  'venv.log': { ...EMBEDDED, about: 'how those were installed', kept: 'while they are used' },
  credentials: { ...EMBEDDED, about: 'passwords of the embedded servers', basis: 'safety', kept: 'while the service runs' },
  lock: { ...EMBEDDED, about: 'which process uses this directory', kept: 'while it runs' },
};
