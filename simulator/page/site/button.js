import { element, icon } from './elements.js';

/** @typedef {import('../../person.ts').SeenButton} SeenButton */

/**
 * The app opens an address of this kind itself, as a payment.
 * @param {SeenButton} button
 */
export const leadsToInvoice = (button) => button.url?.startsWith('https://t.me/$') ?? false;

/**
 * A button below a message: a link opens a tab of its own, what is for sale shows its price, and all but links are pressed.
 * @param {SeenButton} button
 */
export function showButton(button) {
  const attributes = { class: `press ${button.tone}`, 'data-button': button.id };
  if (!leadsToInvoice(button) && button.url && /^https?:/.test(button.url)) {
    const link = { href: button.url, target: '_blank', rel: 'noopener noreferrer' };
    return element('a', { ...attributes, ...link }, button.label, icon('out'));
  }
  if (button.price !== undefined) {
    const premium = { ...attributes, class: `press ${button.tone} premium` };
    return element('button', { type: 'button', ...premium }, icon('bag'), button.label, element('b', {}, button.price));
  }
  return element('button', { type: 'button', 'data-pays': leadsToInvoice(button), ...attributes }, button.label);
}
