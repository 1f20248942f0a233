import type { Events } from '../events/record.ts';
import type { Fields } from '../knobs.ts';
import type { World } from '../world.ts';

export interface Call {
  world: World;
  events: Events;
  /** The id in the path, '' where it has none. */
  id: string;
  fields: Fields;
}

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** `/v1/customers/:id` */
  path: string;
  run(call: Call): object;
}

export function findRoute(routes: readonly Route[], method: string, path: string): { route: Route; id: string } | undefined {
  const parts = path.split('/');
  for (const route of routes) {
    const wanted = route.path.split('/');
    if (route.method !== method || wanted.length !== parts.length) continue;
    if (!wanted.every((part, place) => part === parts[place] || (part === ':id' && parts[place] !== ''))) continue;
    return { route, id: decodeURIComponent(parts[wanted.indexOf(':id')] ?? '') };
  }
  return undefined;
}
