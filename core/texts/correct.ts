import type { Platform, Reply, Span } from '../chat.ts';
import { type HeldAbout, languageName } from '../privacy/correct.ts';

export type Field = 'name' | 'mail' | 'language';

const EXAMPLES: Record<Field, string> = { name: 'Robin Smith', mail: 'robin@example.com', language: 'pt-BR' };
const TITLES: Record<Field, string> = { name: 'Name', mail: 'E-mail', language: 'Language' };
const PURPOSES: Record<Field, string> = {
  name: 'It is what we call you; nobody else gets to see it.',
  mail: 'It is used for changes of the privacy policy, and for news only if you say yes to those. I send a code there first.',
  language: 'It is kept for the day on which I speak more than English.',
};

/** How one types a correction here. */
const typed = (field: Field, value: string, here: Platform): string =>
  here === 'discord' ? `/privacy correct field:${field} value:${value}` : `/privacy correct ${field} ${value}`;

const shown = (field: Field, held: HeldAbout): Span[] => {
  const value = held[field];
  if (value === undefined) return ['none'];
  return [field === 'language' ? `${languageName(value)} (${value})` : value];
};

/** What is held, and a button for each. */
export const heldReply = (held: HeldAbout): Reply => ({
  text: [
    { bold: 'What we call you and where we write to' },
    '\nName: ',
    ...shown('name', held),
    '\nE-mail: ',
    ...shown('mail', held),
    '\nLanguage: ',
    ...shown('language', held),
    '\nPress what you want to put right.',
  ],
  buttons: [
    (['name', 'mail', 'language'] as const).map((field) => ({ label: TITLES[field], command: `privacy correct field=${field}` })),
  ],
});

/** How to correct one thing. */
export function howReply(field: Field, held: HeldAbout, here: Platform): Reply {
  const removes: Span[] = field === 'mail' && held.mail ? ['\nTo have it removed: ', { code: typed('mail', 'none', here) }] : [];
  return {
    text: [
      { bold: TITLES[field] },
      ' now: ',
      ...shown(field, held),
      '\nTo change it, send: ',
      { code: typed(field, EXAMPLES[field], here) },
      ...removes,
      `\n${PURPOSES[field]}`,
    ],
    buttons: [[{ label: 'Back', command: 'privacy correct' }]],
  };
}

/** Old and new, side by side. */
export const correctedReply = (field: 'name' | 'language', before: HeldAbout, now: HeldAbout): Reply => ({
  text: [
    { bold: 'Corrected.' },
    `\n${TITLES[field]} before: `,
    ...shown(field, before),
    `\n${TITLES[field]} now: `,
    ...shown(field, now),
    '\nThe old one is kept nowhere.',
  ],
  buttons: [[{ label: 'Correct more', command: 'privacy correct' }]],
});

export const codeSentReply = (address: string, here: Platform): Reply => ({
  text: [
    'I sent a code of 6 digits to ',
    { bold: address },
    '. Within 10 minutes, send me: ',
    { code: here === 'discord' ? '/privacy correct code:123456' : '/privacy correct code=123456' },
    ' with that code. Until then nothing changes.',
  ],
});

export const mailConfirmedReply = (): Reply => ({
  text: [{ bold: 'Confirmed.' }, ' That is your e-mail address from now on. An older one is kept nowhere.'],
  buttons: [[{ label: 'Show it', command: 'privacy correct' }]],
});

export const mailRemovedReply = (): Reply => ({
  text: [{ bold: 'Removed.' }, ' We hold no e-mail address of yours.'],
  buttons: [[{ label: 'Show what is held', command: 'privacy correct' }]],
});

/** The letter with the code. Says nothing of who asked. */
export const mailCodeLetter = (code: string) => ({
  subject: 'Your code for LPM AI',
  text: `Your code: ${code}

Enter it in the chat with LPM AI within 10 minutes, and this address is added to your account there:
/privacy correct code=${code}

If you did not ask for this, do nothing: without the code the address is not used, and you hear no more of it.

LPM AI · support@lpmai.art · https://www.lpmai.art
`,
});
