import type { SeenMessage } from '../../simulator/person.ts';

type Platform = 'discord' | 'telegram';

export interface Page {
  /** What the page shows in this chat now, oldest first. */
  messages(platform: Platform): SeenMessage[];
  /** Does what the page's own forms do. */
  post(path: string, fields: Record<string, string>): Promise<void>;
  close(): void;
}

interface Chat {
  messages: SeenMessage[];
}

interface Change extends Chat {
  platform: Platform;
  order: string[];
}

/** The chat page as a browser sees it: its events, and its forms. */
export async function openPage(address: string): Promise<Page> {
  const closing = new AbortController();
  const chats = new Map<Platform, SeenMessage[]>();
  const { body } = await fetch(new URL('events', address), { signal: closing.signal });
  if (!body) throw new Error('the page has no events');
  const events = eventsIn(body);
  const first = await events.next();
  if (first.done) throw new Error('the page told nothing');
  const { discord, telegram } = first.value as Record<Platform, Chat>;
  chats.set('discord', discord.messages).set('telegram', telegram.messages);
  const following = (async () => {
    for await (const change of events) apply(chats, change as Change);
  })();
  // It ends by being closed, or because the product was killed.
  following.catch(() => {});
  return {
    messages: (platform) => chats.get(platform) ?? [],
    async post(path, fields) {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      const response = await fetch(new URL(path, address), {
        method: 'POST',
        body: form,
        headers: { origin: new URL(address).origin },
      });
      if (!response.ok) throw new Error(`the page declined ${path}: ${await response.text()}`);
    },
    close: () => closing.abort(),
  };
}

function apply(chats: Map<Platform, SeenMessage[]>, { platform, order, messages }: Change): void {
  const known = new Map([...(chats.get(platform) ?? []), ...messages].map((message) => [message.id, message]));
  chats.set(
    platform,
    order.flatMap((id) => known.get(id) ?? []),
  );
}

/** What server-sent events carry, as the page writes them: one line of `data:` each. */
async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}
