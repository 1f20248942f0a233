import { showButton } from './button.js';
import { commandLine } from './command-line.js';
import { element, icon } from './elements.js';
import { createInvoice } from './invoice.js';
import { send } from './requests.js';
import { safeHtml } from './safe-html.js';
import { clock, withoutTimes } from './times.js';

/** @typedef {import('../../person.ts').SeenMessage} SeenMessage */
/** @typedef {import('../../person.ts').SeenFile} SeenFile */
/** @typedef {import('../../person.ts').MenuCommand} MenuCommand */
/** @typedef {import('../../person.ts').Person['platform']} Platform */
/** @typedef {{ platform: Platform, personName: () => string, menu: () => MenuCommand[], problem: (text: string) => void }} Chat */

/** @param {number} bytes */
const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/**
 * Gives the player the video's shape and shows a frame behind the fade-in; playing starts at the beginning all the same.
 * @param {HTMLVideoElement} video
 */
function preview(video) {
  const at = Math.min(1, video.duration / 4);
  video.style.setProperty('--shape', `${video.videoWidth} / ${video.videoHeight}`);
  video.currentTime = at;
  const rewind = () => {
    if (Math.abs(video.currentTime - at) < 0.05) video.currentTime = 0;
  };
  video.addEventListener('play', rewind, { once: true });
}

/** @param {SeenFile} file */
function showFile(file) {
  if (!file.url) return element('p', { class: 'muted' }, `${file.name} is not on this machine.`);
  /** @type {Element} */
  let seen;
  if (file.kind === 'video') {
    const video = element('video', {
      src: file.url,
      controls: true,
      preload: 'metadata',
      playsinline: true,
      'aria-label': `Video ${file.name}`,
    });
    video.addEventListener('loadedmetadata', () => preview(video), { once: true });
    seen = video;
  } else if (file.kind === 'file') {
    seen = icon('file');
  } else {
    seen = element('img', { src: file.url, alt: `Picture ${file.name}` });
  }
  const download = element(
    'a',
    { href: `${file.url}&save=1`, download: file.name, 'aria-label': `Download ${file.name}` },
    icon('save'),
    'Download',
  );
  const caption = element(
    'figcaption',
    {},
    element('span', { class: 'file-name' }, file.name),
    element('span', { class: 'file-size' }, size(file.size)),
    download,
  );
  return element('figure', { class: file.kind }, seen, caption);
}

/**
 * One message. `update` touches only the parts that changed, so that a playing video and a focused button stay.
 * @param {Chat} chat
 * @param {SeenMessage} first
 */
export function createMessage(chat, first) {
  const own = first.from === 'person';
  const name = own ? chat.personName() : 'LPM AI';
  const avatar = element(
    'span',
    { class: own ? 'avatar' : 'avatar bot', 'aria-hidden': 'true' },
    own ? name.slice(0, 1).toUpperCase() : icon('mark'),
  );
  const time = element('time', { class: 'at', datetime: new Date(first.at).toISOString() }, clock(first.at));
  const edited = element('span', { class: 'edited' });
  const meta = element(
    'p',
    { class: 'meta' },
    element('b', {}, name),
    ...(own ? [] : [element('span', { class: 'app' }, 'APP')]),
    edited,
    time,
  );
  if (own) meta.append(icon('ticks'));
  const body = element('div', { class: 'body' });
  const files = element('div', { class: 'files' });
  const note = element('p', { class: 'only-you' });
  const buttons = element('div', { class: 'buttons' });
  const invoice = createInvoice(chat, first.id);
  const bubble = element('div', { class: 'bubble' }, meta, files, body, invoice.inside, note);
  const node = element(
    'li',
    { class: `message ${own ? 'own' : 'theirs'}`, 'data-message': first.id },
    avatar,
    element('div', { class: 'side' }, bubble, invoice.below, buttons),
  );
  /** @type {Map<string, string>} */
  const shown = new Map();

  /**
   * Draws a part again when what it shows has changed.
   * @param {string} name
   * @param {unknown} value
   * @param {() => void} draw
   */
  function when(name, value, draw) {
    const text = JSON.stringify(value);
    if (shown.get(name) === text) return;
    shown.set(name, text);
    draw();
  }

  /** @param {SeenMessage} message */
  function drawButtons(message) {
    const focused =
      document.activeElement?.closest('[data-message]') === node
        ? document.activeElement?.getAttribute('data-button')
        : undefined;
    buttons.replaceChildren(...message.buttons.map((row) => element('div', { class: 'row' }, ...row.map(showButton))));
    for (const button of buttons.querySelectorAll('button, a')) {
      if (focused && button instanceof HTMLElement && button.dataset.button === focused) button.focus();
    }
  }

  buttons.addEventListener('click', async (event) => {
    const pressed = event.target instanceof Element ? event.target.closest('button') : null;
    if (!pressed || pressed.ariaBusy === 'true') return;
    if (pressed.dataset.pays !== undefined) return invoice.ask();
    pressed.ariaBusy = 'true';
    chat.problem(await send('/press', { platform: chat.platform, message: first.id, button: pressed.dataset.button ?? '' }));
    setTimeout(() => {
      pressed.ariaBusy = null;
    }, 600);
  });

  return {
    node,
    /** @param {SeenMessage} message */
    update(message) {
      node.classList.toggle('pending', message.pending);
      node.classList.toggle('ephemeral', message.ephemeral);
      when('edited', message.edited, () => edited.replaceChildren(message.edited ? 'edited' : ''));
      when('body', [withoutTimes(message.html), message.pending], () => {
        body.replaceChildren(own ? commandLine(message, chat.menu()) : safeHtml(message.html));
        if (!message.pending) return;
        const words = chat.platform === 'discord' ? 'LPM AI is thinking…' : 'LPM AI is typing…';
        const dots = element('span', { class: 'dots', 'aria-hidden': 'true' }, element('i'), element('i'), element('i'));
        body.append(
          element('p', { class: 'working' }, dots, ...(message.html ? [element('span', { class: 'unseen' }, words)] : [words])),
        );
      });
      when('files', message.files, () => files.replaceChildren(...message.files.map(showFile)));
      when('note', message.ephemeral, () =>
        note.replaceChildren(...(message.ephemeral && !own ? [icon('eye'), 'Only you can see this'] : [])),
      );
      when('buttons', message.buttons, () => drawButtons(message));
      when('invoice', [message.invoice, message.buttons], () => invoice.update(message));
      node.classList.toggle('with-files', message.files.length > 0);
    },
  };
}
