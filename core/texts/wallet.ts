import type { Platform, Reply } from '../chat.ts';
import type { Offer } from '../wallet/offer.ts';
import { credits } from './amounts.ts';

const NAMES: Record<Platform, string> = { discord: 'Discord', telegram: 'Telegram' };

const otherThan = (platform: Platform): string => NAMES[platform === 'discord' ? 'telegram' : 'discord'];

/** The code, and what to do with it. */
export const codeReply = (code: string, here: Platform): Reply => ({
  text: [
    { bold: 'One wallet for Discord and Telegram' },
    `\nWithin 5 minutes, send me this on ${otherThan(here)}: `,
    { code: `/link code=${code}` },
    '\nYou are then shown what joining does before anything happens. The code works once. Whoever enters it gets to share your credits and videos, so show it to nobody.',
  ],
});

/** What joining will do, and the question. */
export function offerReply({ id, keeper, there, here, bothHavePlans }: Offer, platform: Platform): Reply {
  const kept = NAMES[keeper];
  return {
    text: [
      { bold: 'Join these two accounts?' },
      `\n${kept}, which showed the code: ${credits(there)}\n${NAMES[platform]}, this one: ${credits(here)}\n`,
      { bold: `Together: ${credits(there + here)}` },
      `\nThe credits of both are kept by the ${kept} account and can be used from both. Videos and receipts are shown together on both. Each keeps its own settings, and nothing is charged.\n`,
      bothHavePlans ? 'Both have a plan, and both go on: /billing on each platform ends one.\n' : '',
      `Do this only if both accounts are yours. /unlink separates them again; the credits then stay with ${kept}.`,
    ],
    buttons: [
      [
        { label: 'Join them', command: `link join=${id}`, tone: 'primary' },
        { label: 'Leave it', command: `link leave=${id}` },
      ],
    ],
  };
}

const BALANCE = [
  [
    { label: 'Balance', command: 'balance' },
    { label: 'My videos', command: 'videos' },
  ],
];

export const joinedReply = (keeper: Platform, available: number): Reply => ({
  text: [{ bold: 'Joined.' }, ` You have ${credits(available)}, here and on ${NAMES[keeper]}.`],
  buttons: BALANCE,
});

export const leftReply = (): Reply => ({ text: ['Nothing was changed. That code is used up; /link makes a new one.'] });

export interface Parting {
  id: string;
  available: number;
  here: Platform;
  isKeeper: boolean;
}

/** What separating will do, and the question. */
export function partingReply({ id, available, here, isKeeper }: Parting): Reply {
  const there = otherThan(here);
  const fate = isKeeper
    ? `All ${credits(available)} stay here, and the ${there} account begins with 0.`
    : `All ${credits(available)} stay with the ${there} account, and this one begins with 0 until you join the two again.`;
  return {
    text: [
      { bold: `Separate this account from the one on ${there}?` },
      `\n${fate}\n`,
      'Each keeps the videos and receipts that began there, and a plan goes on for the account that bought it. /link joins them again.',
    ],
    buttons: [
      [
        { label: 'Separate them', command: `unlink yes=${id}`, tone: 'danger' },
        { label: 'Balance', command: 'balance' },
      ],
    ],
  };
}

export const partedReply = (available: number): Reply => ({
  text: [{ bold: 'Separated.' }, ` You have ${credits(available)} here. /link joins the two again.`],
  buttons: BALANCE,
});
