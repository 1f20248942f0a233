import type { Reply } from '../chat.ts';
import { CONTACT } from '../privacy/policy-texts.ts';

export interface News {
  subject: string;
  text: string;
}

/** In the private Telegram chat, with the way out. */
export const newsReply = ({ subject, text }: News): Reply => ({
  text: [{ bold: subject }, `\n\n${text}`],
  buttons: [[{ label: 'No more news', command: 'privacy consents withdraw=marketing' }]],
  private: true,
});

/** By e-mail, with the way out in the text and in the headers that mail programs make a button of (RFC 2369, RFC 8058). */
export const newsLetter = ({ subject, text }: News, unsubscribe: string) => ({
  subject,
  text: `${text}

--
You get this because you said yes to news from LPM AI.
No more news: ${unsubscribe}
LPM AI · ${CONTACT.mail} · ${CONTACT.site}
`,
  headers: {
    'List-Unsubscribe': `<${unsubscribe}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  },
});
