import type { ServerResponse } from 'node:http';
import type { Person, SeenMessage } from '../person.ts';
import type { Persons } from './actions.ts';
import type { Files } from './files.ts';

/** Milliseconds in which changes are gathered into one event. */
const gather = 40;
/** Milliseconds between looks at what changes without a message: menus, and "typing" that ends. */
const look = 1000;

/** Equal for two looks at a message between which only the clock went on. */
function print(message: SeenMessage): string {
  const html = message.html.replace(/(<time[^>]*>)[^<]*/g, '$1');
  return JSON.stringify({ ...message, html, text: '', at: 0 });
}

/** What each chat shows now, told to every open page as server-sent events: `chats` once, then `change`. */
export function createLive(persons: Persons, files: Files) {
  const pages = new Set<ServerResponse>();
  const tell = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  const shown = (person: Person): SeenMessage[] => person.messages().map((message) => files.publish(message));
  const chat = (person: Person) => ({ name: person.name, menu: person.menu(), messages: shown(person) });

  function follow(person: Person) {
    let told = new Map<string, string>();
    let order = '';
    let menu = JSON.stringify(person.menu());
    let waiting: NodeJS.Timeout | undefined;

    function tellChanges(): void {
      waiting = undefined;
      const messages = shown(person);
      const now = new Map(messages.map((message) => [message.id, print(message)]));
      const changed = messages.filter((message) => told.get(message.id) !== now.get(message.id));
      const ids = messages.map((message) => message.id);
      const menuNow = JSON.stringify(person.menu());
      const same = changed.length === 0 && menu === menuNow && order === ids.join(' ');
      const news = { platform: person.platform, order: ids, messages: changed, ...(menu !== menuNow && { menu: person.menu() }) };
      [told, order, menu] = [now, ids.join(' '), menuNow];
      if (!same) for (const page of pages) page.write(tell('change', news));
    }

    const soon = () => {
      waiting ??= setTimeout(tellChanges, gather);
    };
    const stop = person.onChange(soon);
    return {
      soon,
      stop: () => {
        stop();
        clearTimeout(waiting);
      },
    };
  }

  const followed = [follow(persons.discord), follow(persons.telegram)];
  const looking = setInterval(() => {
    if (pages.size > 0) for (const one of followed) one.soon();
  }, look);

  return {
    /** Keeps the answer open until the page goes away. */
    join(response: ServerResponse): void {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`retry: 1000\n${tell('chats', { discord: chat(persons.discord), telegram: chat(persons.telegram) })}`);
      pages.add(response);
      response.on('close', () => pages.delete(response));
    },
    close(): void {
      clearInterval(looking);
      for (const one of followed) one.stop();
      for (const page of pages) page.end();
    },
  };
}
