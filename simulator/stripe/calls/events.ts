import { flag, known, text, words } from '../api/fields.ts';
import { createdWithin, PAGING, page } from '../api/lists.ts';
import { invalid, noSuch } from '../api/refusal.ts';
import type { Route } from '../api/routes.ts';

export const events: Route[] = [
  {
    method: 'GET',
    path: '/v1/events/:id',
    run({ events: { recorded }, id }) {
      const event = recorded().find((one) => one.id === id);
      if (!event) throw noSuch('event', id);
      return event;
    },
  },
  {
    method: 'GET',
    path: '/v1/events',
    run({ events: { recorded }, fields }) {
      known(fields, [...PAGING, 'type', 'types', 'delivery_success']);
      const [type, types, success] = [text(fields, 'type'), words(fields, 'types'), flag(fields, 'delivery_success')];
      if (type !== undefined && types.length > 0) throw invalid('You may only specify one of these parameters: type, types.');
      if (types.length > 20) throw invalid('You may list up to 20 event types.', 'types');
      const wanted = type === undefined ? types : [type];
      const within = createdWithin(fields);
      const found = recorded()
        .filter(
          (one) =>
            within(one) &&
            (wanted.length === 0 || wanted.some((name) => matches(name, one.type))) &&
            (success === undefined || success === (one.pending_webhooks === 0)),
        )
        .reverse();
      return page('/v1/events', found, fields);
    },
  },
];

/** `invoice.*` stands for all of a group. */
const matches = (wanted: string, type: string): boolean =>
  wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : wanted === type;
