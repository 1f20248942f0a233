const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const units = /** @type {const} */ ([
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]);

/**
 * "in 2 minutes", "40 seconds ago".
 * @param {number} at milliseconds since the epoch
 * @param {number} now
 */
export function fromNow(at, now) {
  const seconds = Math.round((at - now) / 1000);
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? /** @type {const} */ (['second', 1]);
  return relative.format(Math.trunc(seconds / size), unit);
}

/** @param {number} at milliseconds since the epoch */
export const clock = (at) => new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });

/**
 * A moment told in relative words is told anew every second; others stay as the platform wrote them.
 * @param {HTMLTimeElement} time
 */
export function keepTicking(time) {
  const at = Date.parse(time.dateTime);
  if (Number.isNaN(at)) return;
  time.title = new Date(at).toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'short' });
  if (/^in |ago$|^now$|^(yesterday|tomorrow)$/.test(time.textContent ?? '')) time.classList.add('ticking');
}

/**
 * What stays the same of a message while its relative times move on.
 * @param {string} html
 */
export const withoutTimes = (html) => html.replace(/(<time[^>]*>)[^<]*/g, '$1');

/** Starts the one clock of the page. */
export function startTicking() {
  setInterval(() => {
    for (const time of document.querySelectorAll('time.ticking')) {
      if (!(time instanceof HTMLTimeElement)) continue;
      const words = fromNow(Date.parse(time.dateTime), Date.now());
      if (time.textContent !== words) time.textContent = words;
    }
  }, 1000);
}
