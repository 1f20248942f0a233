import { leadsToInvoice } from './button.js';
import { element, icon } from './elements.js';
import { send } from './requests.js';

/** @typedef {import('../../person.ts').SeenMessage} SeenMessage */
/** @typedef {import('../../person.ts').SeenInvoice} SeenInvoice */
/** @typedef {import('./message.js').Chat} Chat */

/**
 * What a message asks to be paid for: the price and how it stands inside the bubble, a Pay button below it.
 * @param {Chat} chat
 * @param {string} message id
 */
export function createInvoice(chat, message) {
  const inside = element('div', { class: 'invoice' });
  const below = element('div', { class: 'buttons' });
  /** @type {SeenInvoice | undefined} */
  let shown;

  function ask() {
    if (shown) confirm(below, shown, async () => chat.problem(await send('/pay', { platform: chat.platform, message })));
  }

  below.addEventListener('click', ask);
  return {
    inside,
    below,
    ask,
    /** @param {SeenMessage} message */
    update({ invoice, buttons }) {
      shown = invoice;
      const isLink = buttons.flat().some(leadsToInvoice);
      inside.replaceChildren();
      if (invoice && !isLink) inside.append(element('p', { class: 'price' }, icon('star'), invoice.price));
      if (invoice?.paid) inside.append(element('p', { class: 'paid' }, icon('ticks'), 'Paid'));
      if (invoice?.problem) inside.append(element('p', { class: 'refusal', role: 'status' }, invoice.problem));
      const isOpen = invoice && !isLink && !invoice.paid;
      const pay = () => element('button', { type: 'button', class: 'press primary pay' }, `Pay ${invoice?.price}`);
      below.replaceChildren(...(isOpen ? [element('div', { class: 'row' }, pay())] : []));
    },
  };
}

/**
 * The app's own question before Stars are spent.
 * @param {HTMLElement} near
 * @param {SeenInvoice} invoice
 * @param {() => void} agreed
 */
function confirm(near, { title, description, price }, agreed) {
  const yes = element('button', { type: 'button', class: 'press primary' }, `Confirm and pay ${price}`);
  const no = element('button', { type: 'button', class: 'press' }, 'Cancel');
  const sheet = element(
    'dialog',
    { class: 'sheet', 'aria-label': 'Confirm the payment' },
    element('span', { class: 'avatar bot', 'aria-hidden': 'true' }, icon('star')),
    element('h3', {}, title),
    element('p', {}, description),
    element('p', { class: 'muted' }, `LPM AI asks for ${price}. This is a simulation: nothing is spent.`),
    element('div', { class: 'row' }, no, yes),
  );
  yes.addEventListener('click', () => {
    sheet.close();
    agreed();
  });
  no.addEventListener('click', () => sheet.close());
  sheet.addEventListener('close', () => sheet.remove());
  (near.closest('.pane') ?? document.body).append(sheet);
  sheet.showModal();
}
