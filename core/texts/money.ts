import { priceOf } from '../generations/options.ts';

/** "$4.99", "€4.99", "350 Stars". Amounts are in the smallest unit of the currency. */
export function money(amountMinor: number, currency: string): string {
  if (currency.toUpperCase() === 'XTR') return `${amountMinor} ${amountMinor === 1 ? 'Star' : 'Stars'}`;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(amountMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** Whole seconds of video that so many credits are worth. */
export const secondsOf = (credits: number): number => Math.floor(credits / priceOf({ seconds: 1, hasImage: false }));
