/** Programs for tables take a cell that begins with one of these for a formula, and act on it. */
const FORMULA = /^[=+\-@\t\r]/;

/** One row after RFC 4180, with its line break. A cell that a table program would act on begins with an apostrophe. */
export const csvRow = (cells: readonly (string | number)[]): string => `${cells.map(cellOf).join(',')}\r\n`;

function cellOf(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
