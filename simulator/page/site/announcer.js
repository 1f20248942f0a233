import { element } from './elements.js';

/** @typedef {import('../../person.ts').SeenMessage} SeenMessage */

/** Milliseconds between two announcements of one message that is being edited. */
const pause = 8000;
const lines = 20;

/** Tells screen readers each new message once, and edits only when something was finished or a while has passed. */
export function createAnnouncer() {
  const region = document.querySelector('#announcements');
  /** @type {Map<string, { at: number, text: string, shape: string }>} */
  const told = new Map();

  /** @param {SeenMessage} message */
  const shape = (message) => `${message.files.length} ${message.buttons.length}`;

  return {
    /**
     * @param {string} platform
     * @param {SeenMessage} message
     * @param {boolean} quiet it was there before the page opened: remember it, say nothing
     */
    tell(platform, message, quiet) {
      if (message.from !== 'bot' || message.pending) return;
      const key = `${platform} ${message.id}`;
      const before = told.get(key);
      const now = Date.now();
      const due = !before || shape(message) !== before.shape || now - before.at > pause;
      if (!due || before?.text === message.text) return;
      told.set(key, { at: now, text: message.text, shape: shape(message) });
      if (quiet || !region) return;
      const video = message.files.some((file) => file.kind === 'video') ? ', with a video' : '';
      region.append(element('p', {}, `LPM AI on ${platform}${video}: ${message.text}`));
      while (region.childElementCount > lines) region.firstElementChild?.remove();
    },
  };
}
