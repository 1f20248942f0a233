import { element, icon } from './elements.js';
import { objection } from './requests.js';

/** @typedef {import('../../person.ts').MenuCommand} MenuCommand */
/** @typedef {import('../../person.ts').MenuOption} MenuOption */

/** @param {MenuOption} option */
function control(option) {
  const shared = { name: option.name, id: `option-${option.name}`, required: option.required };
  if (option.type === 'integer') return element('input', { ...shared, type: 'number', step: '1', autocomplete: 'off' });
  if (option.type === 'image') return element('input', { ...shared, type: 'file', accept: 'image/*' });
  if (option.type === 'text') return element('textarea', { ...shared, rows: '1', enterkeyhint: 'send' });
  const choices = option.choices.map((choice) => element('option', { value: choice.value }, choice.label));
  return element('select', shared, element('option', { value: '' }, option.required ? 'Choose…' : 'Not set'), ...choices);
}

/** @param {MenuOption} option */
function field(option) {
  const label = element(
    'label',
    { for: `option-${option.name}` },
    option.name,
    ...(option.required ? [element('span', { class: 'needed' }, 'required')] : []),
  );
  const about = element('p', { class: 'about', id: `about-${option.name}` }, option.about);
  const made = control(option);
  made.setAttribute('aria-describedby', about.id);
  return element('div', { class: `field ${option.type}` }, label, made, about);
}

/**
 * The fields of the chosen slash command. `done` gets the filled-in options, or undefined when the person went back.
 * @param {HTMLFormElement} form
 * @param {(command: MenuCommand, options: Record<string, string | File> | undefined) => void} done
 * @param {(text: string) => void} problem
 */
export function createSlashForm(form, done, problem) {
  /** @type {MenuCommand | undefined} */
  let command;

  /** @param {Record<string, string | File> | undefined} options */
  function finish(options) {
    const chosen = command;
    command = undefined;
    form.hidden = true;
    form.replaceChildren();
    if (chosen) done(chosen, options);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    /** @type {Record<string, string | File>} */
    const options = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string' ? value.trim() === '' : value.size === 0) continue;
      const complaint = typeof value === 'string' ? '' : objection(value);
      if (complaint) return problem(complaint);
      options[name] = value;
    }
    finish(options);
  });
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') finish(undefined);
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !(event.target instanceof HTMLTextAreaElement)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener('paste', (event) => {
    const picture = [...(event.clipboardData?.files ?? [])].find((file) => file.type.startsWith('image/'));
    const input = form.querySelector('input[type=file]');
    if (!picture || !(input instanceof HTMLInputElement)) return;
    event.preventDefault();
    const given = new DataTransfer();
    given.items.add(picture);
    input.files = given.files;
  });

  return {
    /**
     * @param {MenuCommand} chosen
     * @param {string} words what was already typed behind the name
     */
    open(chosen, words) {
      command = chosen;
      const back = element('button', { type: 'button', class: 'round', 'aria-label': 'Back to the message box' }, icon('close'));
      back.addEventListener('click', () => finish(undefined));
      const title = element(
        'div',
        { class: 'slash-top' },
        element('b', { class: 'slash-name' }, `/${chosen.name}`),
        element('span', { class: 'slash-about' }, chosen.about),
        back,
      );
      const submit = element('button', { type: 'submit', class: 'submit' }, icon('send'), 'Send');
      form.setAttribute('aria-label', `Options of /${chosen.name}`);
      form.replaceChildren(
        title,
        element('div', { class: 'fields' }, ...chosen.options.map(field)),
        element('div', { class: 'slash-end' }, submit),
      );
      form.hidden = false;
      const text = form.querySelector('textarea');
      if (text && words) text.value = words;
      const first = form.querySelector('.fields textarea, .fields input, .fields select') ?? submit;
      if (first instanceof HTMLElement) first.focus();
    },
  };
}
