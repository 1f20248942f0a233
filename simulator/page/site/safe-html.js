import { element } from './elements.js';
import { keepTicking } from './times.js';

const kept = new Set(['b', 'i', 'code', 'blockquote', 'br', 'time']);
const dropped = new Set(['script', 'style', 'template', 'iframe', 'object', 'noscript', 'svg', 'math']);

/**
 * @param {Node} from
 * @param {Node} to
 */
function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.appendChild(document.createTextNode(node.nodeValue ?? ''));
    if (!(node instanceof Element)) continue;
    const tag = node.localName;
    if (dropped.has(tag)) continue;
    if (!kept.has(tag)) {
      copy(node, to);
      continue;
    }
    const made = element(/** @type {'b'} */ (tag), {
      datetime: tag === 'time' ? (node.getAttribute('datetime') ?? undefined) : undefined,
    });
    copy(node, made);
    if (made instanceof HTMLTimeElement) keepTicking(made);
    to.appendChild(made);
  }
}

/**
 * What a message may show: b, i, code, blockquote, br and time, with no attribute but datetime. Of other elements only the words stay.
 * @param {string} html
 */
export function safeHtml(html) {
  const fragment = document.createDocumentFragment();
  copy(new DOMParser().parseFromString(html, 'text/html').body, fragment);
  return fragment;
}
