import type { Invoice, LinkButton, Sent } from '../../core/chat.ts';
import { reaching, type Speech, sentAs, type Target, whereabouts } from './speech.ts';

/** Seconds, the only period Telegram knows: core.telegram.org/bots/api#createinvoicelink. */
const MONTH = 2_592_000;
/** Most Stars of one payment; for a subscription core.telegram.org/bots/api#createinvoicelink says so. */
const MOST = { once: 100_000, monthly: 10_000 } as const;
const CURRENCY = 'XTR';
/** Without it a forwarded copy could be paid by anybody. It tells nothing of the order, for the copy carries it along. */
const START = 'buy';

/** A message of its own with a Pay button. Throws RangeError for what Telegram would refuse. */
export async function showInvoice(speech: Speech, target: Target, invoice: Invoice): Promise<Sent> {
  const { title, description, order, prices } = checked(invoice);
  await speech.flood.pass(String(target.chat), target.group, 'result');
  const message = await reaching(target, (at) =>
    speech.api.sendInvoice(at.chat, title, description, order, CURRENCY, prices, {
      ...whereabouts(at),
      provider_token: '',
      start_parameter: START,
    }),
  );
  return sentAs(message);
}

/** Subscriptions are sold by link only. Throws RangeError for what Telegram would refuse. */
export async function subscribeButton({ api }: Speech, invoice: Invoice): Promise<LinkButton> {
  const { title, description, order, prices } = checked(invoice);
  const url = await api.createInvoiceLink(title, description, order, '', CURRENCY, prices, { subscription_period: MONTH });
  return { label: `Subscribe for ${invoice.stars} Stars`, url };
}

/** Limits: core.telegram.org/bots/api#sendinvoice. */
function checked({ title, description, order, stars, monthly }: Invoice) {
  const complaints = [
    outside('title', title.length, 32),
    outside('description', description.length, 255),
    outside('order', Buffer.byteLength(order), 128),
    outside('price', Number.isInteger(stars) ? stars : 0, monthly ? MOST.monthly : MOST.once),
  ].filter((complaint) => complaint !== undefined);
  if (complaints.length > 0) throw new RangeError(`an invoice that Telegram refuses: ${complaints.join(', ')}`);
  return { title, description, order, prices: [{ label: title, amount: stars }] };
}

function outside(what: string, size: number, most: number): string | undefined {
  return size < 1 || size > most ? `${what} of ${size}, not 1-${most}` : undefined;
}
