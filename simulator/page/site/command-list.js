import { element } from './elements.js';

/** @typedef {import('../../person.ts').MenuCommand} MenuCommand */

/**
 * The list that opens while a command's name is being typed. Arrows move, Enter chooses, Tab completes the name, Escape closes.
 * @param {{ line: HTMLInputElement | HTMLTextAreaElement, list: HTMLElement, menu: () => MenuCommand[], choose: (command: MenuCommand, complete: boolean) => void }} parts
 */
export function createCommandList({ line, list, menu, choose }) {
  /** @type {MenuCommand[]} */
  let offered = [];
  let active = 0;

  function draw() {
    list.hidden = offered.length === 0;
    if (line.getAttribute('role') === 'combobox') line.ariaExpanded = String(!list.hidden);
    const options = offered.map((command, index) =>
      element(
        'div',
        { role: 'option', id: `${list.id}-${index}`, 'aria-selected': String(index === active) },
        element('b', { class: 'command-name' }, `/${command.name}`),
        element('span', { class: 'command-about' }, command.about),
      ),
    );
    list.replaceChildren(...options);
    if (list.hidden) line.removeAttribute('aria-activedescendant');
    else line.setAttribute('aria-activedescendant', `${list.id}-${active}`);
    options[active]?.scrollIntoView({ block: 'nearest' });
  }

  function close() {
    offered = [];
    draw();
  }

  function look() {
    const typed = /^\/(\S*(?: \S*)?)$/.exec(line.value)?.[1]?.toLowerCase();
    offered = typed === undefined ? [] : menu().filter((command) => command.name.includes(typed));
    offered.sort((one, other) => Number(other.name.startsWith(typed ?? '')) - Number(one.name.startsWith(typed ?? '')));
    active = 0;
    draw();
  }

  /**
   * @param {number} index
   * @param {boolean} complete
   */
  function pick(index, complete) {
    const command = offered[index];
    close();
    if (command) choose(command, complete);
  }

  line.addEventListener('input', look);
  line.addEventListener('blur', close);
  line.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent) || list.hidden || event.isComposing) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) active = (active + move + offered.length) % offered.length;
    else if (event.key !== 'Enter' && event.key !== 'Tab' && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (move) draw();
    else if (event.key === 'Escape') close();
    else pick(active, event.key === 'Tab');
  });
  list.addEventListener('pointerdown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const option = event.target instanceof Element ? event.target.closest('[role=option]') : null;
    if (option) pick([...list.children].indexOf(option), false);
  });

  return {
    /** Shows all commands, as if a slash had been typed. */
    open() {
      line.value = '/';
      line.focus();
      look();
    },
  };
}
