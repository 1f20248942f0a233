import { element, part } from './elements.js';
import { createMessage } from './message.js';

/** @typedef {import('../../person.ts').SeenMessage} SeenMessage */
/** @typedef {import('../../person.ts').MenuCommand} MenuCommand */
/** @typedef {import('../../person.ts').Person['platform']} Platform */
/** @typedef {{ label: string, run: () => Promise<string> }} Example */

/** Pixels from the end within which the person counts as reading the newest. */
const near = 90;

/**
 * One chat: its messages in order, kept at the newest unless the person scrolled up.
 * @param {Platform} platform
 */
export function createPane(platform) {
  const root = part(document, platform, HTMLElement);
  const log = part(root, 'log', HTMLElement);
  const list = part(root, 'messages', HTMLOListElement);
  const empty = part(root, 'empty', HTMLElement);
  const newest = part(root, 'newest', HTMLButtonElement);
  const complaint = part(root, 'problem', HTMLElement);
  let name = '';
  /** @type {MenuCommand[]} */
  let menu = [];
  let atEnd = true;
  /** @type {Map<string, ReturnType<typeof createMessage>>} */
  const messages = new Map();
  /** @type {Set<string>} */
  const own = new Set();

  /** @param {string} text */
  const problem = (text) => {
    complaint.textContent = text;
  };
  const chat = { platform, problem, personName: () => name, menu: () => menu };
  log.tabIndex = 0;
  const toEnd = () => log.scrollTo({ top: log.scrollHeight });

  log.addEventListener('scroll', () => {
    atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < near;
    if (atEnd) newest.hidden = true;
  });
  newest.addEventListener('click', () => {
    toEnd();
    log.focus();
  });
  const grows = new ResizeObserver(() => atEnd && toEnd());
  grows.observe(list);
  grows.observe(log);

  /** @param {string[]} order */
  function arrange(order) {
    for (const [id, message] of messages) {
      if (order.includes(id)) continue;
      message.node.remove();
      messages.delete(id);
      own.delete(id);
    }
    order.forEach((id, index) => {
      const node = messages.get(id)?.node;
      if (node && list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
    });
    empty.hidden = own.size > 0;
  }

  return {
    root,
    problem,
    menu: () => menu,
    /** @param {string} newName */
    rename(newName) {
      name = newName;
      part(root, 'name', HTMLElement).textContent = newName;
    },
    /**
     * @param {MenuCommand[]} newMenu
     * @param {Example[]} examples
     */
    offer(newMenu, examples) {
      menu = newMenu;
      const offered = examples.map(({ label, run }) => {
        const button = element('button', { type: 'button', class: 'example' }, label);
        button.addEventListener('click', async () => problem(await run()));
        return button;
      });
      part(root, 'examples', HTMLElement).replaceChildren(...offered);
    },
    /**
     * @param {string[]} order ids of all messages, oldest first
     * @param {SeenMessage[]} changed
     * @returns {boolean} whether a message is new
     */
    update(order, changed) {
      let fresh = false;
      for (const message of changed) {
        let shown = messages.get(message.id);
        if (!shown) {
          shown = createMessage(chat, message);
          messages.set(message.id, shown);
          fresh = true;
          if (message.from === 'person') own.add(message.id);
        }
        shown.update(message);
      }
      arrange(order);
      if (fresh && changed.some((message) => message.from === 'person')) atEnd = true;
      if (atEnd) toEnd();
      else if (fresh) newest.hidden = false;
      return fresh;
    },
  };
}
