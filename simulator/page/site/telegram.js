import { createCommandList } from './command-list.js';
import { part } from './elements.js';
import { objection, send } from './requests.js';

/** @typedef {import('../../person.ts').MenuCommand} MenuCommand */

/**
 * Telegram's composer: words, or a picture (chosen, dropped or pasted) with a caption.
 * @param {HTMLElement} root
 * @param {{ menu: () => MenuCommand[], problem: (text: string) => void }} chat
 */
export function createTelegramComposer(root, chat) {
  const line = part(root, 'line', HTMLTextAreaElement);
  const input = part(root, 'file', HTMLInputElement);
  const preview = part(root, 'preview', HTMLImageElement);
  /** @type {File | undefined} */
  let picture;

  const list = createCommandList({ line, list: part(root, 'commands', HTMLDivElement), menu: chat.menu, choose });

  /**
   * As in Telegram: choosing sends the command, completing leaves room for more words.
   * @param {MenuCommand} command
   * @param {boolean} complete
   */
  function choose(command, complete) {
    line.value = `/${command.name} `;
    if (!complete) submit();
  }

  /** @param {File | undefined} file */
  function attach(file) {
    const complaint = file ? objection(file) : '';
    chat.problem(complaint);
    if (complaint) return;
    URL.revokeObjectURL(preview.src);
    picture = file;
    input.value = '';
    part(root, 'attached', HTMLElement).hidden = !file;
    part(root, 'attachedName', HTMLElement).textContent = file?.name ?? '';
    if (file) preview.src = URL.createObjectURL(file);
    else preview.removeAttribute('src');
    line.placeholder = file ? 'Add a caption' : 'Message';
    line.focus();
  }

  async function submit() {
    const text = line.value.trim();
    if (!text && !picture) return;
    const attached = picture;
    const sent = attached ? send('/picture', { platform: 'telegram', picture: attached, caption: text }) : say(text);
    line.value = '';
    if (attached) attach(undefined);
    const complaint = await sent;
    chat.problem(complaint);
    if (complaint && !line.value) line.value = text;
  }

  /** @param {string} text */
  const say = (text) => send('/say', { platform: 'telegram', text });

  line.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && picture) attach(undefined);
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  part(root, 'composer', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  part(root, 'open', HTMLButtonElement).addEventListener('click', () => list.open());
  part(root, 'attach', HTMLButtonElement).addEventListener('click', () => input.click());
  part(root, 'detach', HTMLButtonElement).addEventListener('click', () => attach(undefined));
  input.addEventListener('change', () => attach(input.files?.[0]));
  root.addEventListener('paste', (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (!file) return;
    event.preventDefault();
    attach(file);
  });

  /** @param {DragEvent} event */
  const carriesFile = (event) => event.dataTransfer?.types.includes('Files') ?? false;
  root.addEventListener('dragover', (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    root.classList.add('dropping');
  });
  root.addEventListener('dragleave', (event) => {
    if (!(event.relatedTarget instanceof Node && root.contains(event.relatedTarget))) root.classList.remove('dropping');
  });
  root.addEventListener('drop', (event) => {
    root.classList.remove('dropping');
    if (!carriesFile(event)) return;
    event.preventDefault();
    attach(event.dataTransfer?.files[0]);
  });
  return { say };
}

/**
 * What to try first, as far as the menu offers it.
 * @param {MenuCommand[]} menu
 */
export function telegramExamples(menu) {
  const commands = ['balance', 'help'].filter((name) => menu.some((entry) => entry.name === name));
  return ['a lonely ship on the ocean at sunset', ...commands.map((name) => `/${name}`)];
}
