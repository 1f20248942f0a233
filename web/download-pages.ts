import type { Download } from '../core/privacy/downloads.ts';
import { escapeHtml, type Page } from './page.ts';

const NOUNS = { video: 'video', archive: 'data' } as const satisfies Record<Download['what'], string>;

/** Asks for the code; `wrong` says what was wrong with the last one. */
export function codePage({ what }: Download, wrong?: string): Page {
  const title = `Your ${NOUNS[what]}`;
  return {
    title,
    formTo: [],
    main: `<h1>${title}</h1>
${wrong ? `<p class="wrong" role="alert">${escapeHtml(wrong)}</p>\n` : ''}<form method="post">
<label for="code">The code from your chat</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="11" required autofocus>
<button type="submit">Open</button>
</form>
<p class="note">Only your chat with LPM AI shows the code, so a forwarded link opens nothing. Never give it to anybody.</p>`,
  };
}

/** The player, where there is something to play, and the button that saves it. */
export function mediaPage({ what, expiresAt }: Download, source: string): Page {
  const title = `Your ${NOUNS[what]}`;
  const player = `<video controls playsinline preload="metadata" src="${escapeHtml(source)}" aria-label="Your video"></video>\n`;
  const ends = `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return {
    title,
    main: `<h1>${title}</h1>
${what === 'video' ? player : '<p class="lead">Everything that is held about you, in one ZIP. Open README.html in it first.</p>\n'}<a class="button" href="${escapeHtml(source)}?save=1">Download</a>
<p class="note">This page opens without the code for 15 minutes. The link ends at ${ends}.</p>`,
  };
}

/** The same for a link that never was, has ended, or leads to what is not there any more. */
export const ENDED: Page = {
  title: 'This link has ended',
  main: `<h1>This link has ended</h1>
<p>Links to your videos and data live for a short while only. In the chat, /videos and /privacy export give you a new one.</p>`,
};
