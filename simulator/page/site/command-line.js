import { element } from './elements.js';
import { safeHtml } from './safe-html.js';

/** @typedef {import('../../person.ts').SeenMessage} SeenMessage */
/** @typedef {import('../../person.ts').MenuCommand} MenuCommand */

/**
 * A sent slash command with its options set apart, `/generate prompt:a fox style:neon`; other messages as they are.
 * @param {SeenMessage} message
 * @param {MenuCommand[]} menu
 */
export function commandLine(message, menu) {
  const sent = menu.find(({ name }) => message.text === `/${name}` || message.text.startsWith(`/${name} `));
  const [whole] = sent ? [`/${sent.name}`] : (/^\/\S+/.exec(message.text) ?? []);
  const options = sent?.options ?? [];
  if (!whole) return safeHtml(message.html);
  const names = options.map((option) => option.name).join('|');
  const words = names
    ? message.text.slice(whole.length).split(new RegExp(`\\s(?=(?:${names}):)`))
    : [message.text.slice(whole.length)];
  const shown = words
    .filter((word) => word.trim())
    .map((word) => {
      const [, option, value] = names ? (new RegExp(`^(${names}):([\\s\\S]*)$`).exec(word) ?? []) : [];
      if (option === undefined || value === undefined) return element('span', {}, word);
      return element('span', { class: 'given' }, element('span', { class: 'given-name' }, option), element('span', {}, value));
    });
  const line = element('p', { class: 'command-line' }, element('b', {}, whole), ...shown);
  return line;
}
