import { isRecord, listOf, recordsOf } from '../json.ts';
import {
  also,
  anything,
  boolean,
  complaint,
  type FormError,
  fields,
  integer,
  list,
  oneOf,
  type Path,
  type Rule,
  snowflake,
  text,
} from './form.ts';

/** Components of messages and modals (docs: components/reference). */
const customId = text(1, 100);

const button = also(
  fields(
    {
      style: oneOf(1, 2, 3, 4, 5, 6),
      label: text(0, 80),
      custom_id: customId,
      url: text(1, 512),
      sku_id: snowflake,
      disabled: boolean,
    },
    ['style'],
  ),
  (given, path) => {
    const style = Number(given.style);
    const needed = style === 5 ? 'url' : style === 6 ? 'sku_id' : 'custom_id';
    const missing = given[needed] === undefined || given[needed] === null;
    const blank = style !== 6 && !given.label && !given.emoji;
    const both = style !== 5 && given.url ? 'url' : style >= 5 && given.custom_id ? 'custom_id' : undefined;
    return [
      ...(missing ? [complaint([...path, needed], 'BASE_TYPE_REQUIRED', 'This field is required')] : []),
      ...(blank
        ? [complaint([...path, 'label'], 'BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL', 'A button needs a label or an emoji')]
        : []),
      ...(both
        ? [
            complaint(
              [...path, both],
              'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
              'A custom id and url cannot both be specified',
            ),
          ]
        : []),
    ];
  },
);

const choice = fields({ label: text(1, 100), value: text(1, 100), description: text(0, 100) }, ['label', 'value']);
const select = fields(
  {
    custom_id: customId,
    placeholder: text(0, 150),
    min_values: integer(0, 25),
    max_values: integer(1, 25),
    options: list(choice, 1, 25),
  },
  ['custom_id'],
);
const media = fields({ url: text(1, 2048) }, ['url']);
const RULES: Record<number, Rule> = {
  1: row,
  2: button,
  3: select,
  4: fields(
    { custom_id: customId, label: text(0, 45), min_length: integer(0, 4000), max_length: integer(1, 4000), value: text(0, 4000) },
    ['custom_id'],
  ),
  5: select,
  6: select,
  7: select,
  8: select,
  9: fields({ components: list(among(10), 1, 3), accessory: among(2, 11) }, ['components', 'accessory']),
  10: fields({ content: text(1, 4000) }, ['content']),
  11: fields({ media, description: text(0, 1024) }, ['media']),
  12: fields({ items: list(fields({ media, description: text(0, 1024) }, ['media']), 1, 10) }, ['items']),
  13: fields({ file: media }, ['file']),
  14: fields({ divider: boolean, spacing: oneOf(1, 2) }),
  17: fields({ components: list(among(1, 9, 10, 12, 13, 14), 1, 40), accent_color: integer(0, 0xffffff) }, ['components']),
  18: fields({ label: text(1, 45), description: text(0, 100), component: among(3, 4, 5, 6, 7, 8, 19, 21, 22, 23) }, [
    'label',
    'component',
  ]),
  19: fields({ custom_id: customId, min_values: integer(0, 10), max_values: integer(1, 10) }, ['custom_id']),
  21: anything,
  22: anything,
  23: anything,
};

/** A component of one of these types. */
function among(...types: number[]): Rule {
  return (value, path) => {
    const type = isRecord(value) ? value.type : undefined;
    const rule = typeof type === 'number' && types.includes(type) ? RULES[type] : undefined;
    if (rule) return rule(value, path);
    return [complaint([...path, 'type'], 'UNION_TYPE_CHOICES', `Value of field "type" must be one of (${types.join(', ')}).`)];
  };
}

/** One to five buttons, or one select. */
function row(value: unknown, path: Path): FormError[] {
  const errors = fields({ components: list(among(2, 3, 4, 5, 6, 7, 8), 1, 5) }, ['components'])(value, path);
  if (errors.length > 0 || !isRecord(value)) return errors;
  const inside = recordsOf(value.components);
  const crowded = inside.length > 1 && inside.some((each) => each.type !== 2);
  return crowded
    ? [complaint([...path, 'components'], 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'The specified component exceeds the maximum width')]
    : [];
}

/** Every component inside these, in the order in which they are read. */
export function walkComponents(components: unknown): Record<string, unknown>[] {
  return recordsOf(components).flatMap((each) => [
    each,
    ...walkComponents(each.components),
    ...walkComponents([each.accessory, each.component].filter(isRecord)),
  ]);
}

/** Five rows without Components V2, forty components of any kind with it. */
export function componentsRule(v2: boolean): Rule {
  return (value, path) => {
    const errors = v2 ? list(among(1, 9, 10, 12, 13, 14, 17), 0, 40)(value, path) : list(among(1), 0, 5)(value, path);
    if (errors.length > 0) return errors;
    const all = walkComponents(value);
    if (all.length > 40)
      return [complaint(path, 'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED', 'The total number of components must not exceed 40')];
    return doubles(listOf(value), path);
  };
}

function doubles(components: unknown[], path: Path): FormError[] {
  const ids = walkComponents(components).flatMap((each) => (typeof each.custom_id === 'string' ? [each.custom_id] : []));
  const doubled = ids.filter((id, index) => ids.indexOf(id) !== index);
  return doubled.map(() => complaint(path, 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated'));
}

/** What callback type 9 opens. */
export const modalForm = fields({ custom_id: customId, title: text(1, 45), components: list(among(1, 10, 18), 1, 5) }, [
  'custom_id',
  'title',
  'components',
]);
