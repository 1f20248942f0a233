export type Json = null | string | number | boolean | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

/** As it goes over the wire: a copy of its own, without what is undefined, with decimals as the strings the client reads them from. */
export function render(value: object): JsonObject {
  const copy: JsonObject = JSON.parse(JSON.stringify(value));
  decimals(copy);
  return copy;
}

function decimals(value: Json): void {
  if (value === null || typeof value !== 'object') return;
  for (const inner of Object.values(value)) decimals(inner);
  if (Array.isArray(value)) return;
  const { object, pricing, quantity, amount } = value;
  if (object === 'price') value.unit_amount_decimal = decimal(value.unit_amount);
  if (object === 'plan') value.amount_decimal = decimal(amount);
  if (object !== 'line_item') return;
  value.quantity_decimal = decimal(quantity);
  if (pricing && typeof pricing === 'object' && !Array.isArray(pricing) && typeof amount === 'number')
    pricing.unit_amount_decimal = decimal(amount / Math.max(1, Number(quantity)));
}

const decimal = (value: Json | undefined): string | null => (typeof value === 'number' ? String(value) : null);
