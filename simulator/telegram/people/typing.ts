import type { Picture } from '../../person.ts';

/**
 * Free text comes first and without its name, as people type it; everything else is `name=value`. The addressee stands right behind the
 * command, before a sub-command.
 */
export function typeCommand(
  name: string,
  options: Record<string, string | number | Picture>,
  addressee = '',
): { line: string; picture?: Picture } {
  const entries = Object.entries(options);
  const picture = entries.map(([, value]) => value).find((value) => typeof value === 'object');
  const words = entries.flatMap(([key, value]) => (typeof value === 'object' ? [] : [{ key, value: String(value) }]));
  const isFree = ({ key, value }: { key: string; value: string }) => key === 'prompt' || key === 'text' || /\s/.test(value);
  const free = words.find(isFree);
  const named = words.filter((word) => word !== free).map(({ key, value }) => `${key}=${value}`);
  const line = [`/${name.replace(/$|(?=\s)/, addressee)}`, ...(free ? [free.value] : []), ...named].join(' ');
  return picture ? { line, picture } : { line };
}
