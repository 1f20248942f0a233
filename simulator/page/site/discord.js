import { createCommandList } from './command-list.js';
import { part } from './elements.js';
import { send } from './requests.js';
import { createSlashForm } from './slash-form.js';

/** @typedef {import('../../person.ts').MenuCommand} MenuCommand */

/**
 * Discord's composer: a slash opens the commands, a chosen one shows its fields.
 * @param {HTMLElement} root
 * @param {{ menu: () => MenuCommand[], problem: (text: string) => void }} chat
 */
export function createDiscordComposer(root, chat) {
  const line = part(root, 'line', HTMLInputElement);
  const composer = part(root, 'composer', HTMLFormElement);
  const slash = createSlashForm(part(root, 'slash', HTMLFormElement), leave, chat.problem);
  const list = createCommandList({
    line,
    list: part(root, 'commands', HTMLDivElement),
    menu: chat.menu,
    choose: (command) => enter(command, ''),
  });

  /**
   * @param {MenuCommand} command
   * @param {string} words
   */
  function enter(command, words) {
    chat.problem('');
    composer.hidden = true;
    line.value = '';
    slash.open(command, words);
  }

  /**
   * @param {MenuCommand} command
   * @param {Record<string, string | File> | undefined} options
   */
  async function leave(command, options) {
    composer.hidden = false;
    line.focus();
    chat.problem(options ? await run(command.name, options) : '');
  }

  line.addEventListener('input', () => {
    const command = chat.menu().find(({ name }) => line.value.startsWith(`/${name} `));
    if (command) enter(command, line.value.slice(command.name.length + 2));
  });
  composer.addEventListener('submit', (event) => {
    event.preventDefault();
    if (line.value.trim()) chat.problem('This bot reads no messages on Discord. Type / to choose a command.');
  });
  part(root, 'open', HTMLButtonElement).addEventListener('click', () => list.open());

  /**
   * @param {string} name
   * @param {Record<string, string | File>} options
   */
  function run(name, options) {
    const fields = Object.fromEntries(Object.entries(options).map(([option, value]) => [`option.${option}`, value]));
    return send('/command', { platform: 'discord', name, ...fields });
  }
  return { run };
}

/**
 * What to try first, as far as the menu offers it.
 * @param {MenuCommand[]} menu
 */
export function discordExamples(menu) {
  const wanted = [
    { name: 'generate', options: { prompt: 'a fox in a neon city at night in the rain', style: 'neon' } },
    { name: 'balance', options: {} },
    { name: 'help', options: {} },
  ];
  return wanted.flatMap(({ name, options }) => {
    const command = menu.find((entry) => entry.name === name);
    if (!command) return [];
    const offered = Object.entries(options).filter(([option, value]) => {
      const known = command.options.find((entry) => entry.name === option);
      return known && (known.type !== 'choice' || known.choices.some((choice) => choice.value === value));
    });
    const label = [`/${name}`, ...offered.map(([option, value]) => `${option}: ${value}`)].join('  ');
    return [{ label, name, options: Object.fromEntries(offered) }];
  });
}
