import type { SeenButton, SeenFile, SeenMessage } from '../../person.ts';
import { walkComponents } from '../forms/components.ts';
import { isRecord, recordsOf } from '../json.ts';
import { showMarkdown } from '../markdown.ts';
import type { StoredFile } from '../messages/files.ts';
import { isEphemeral, isLoading, isV2 } from '../messages/messages.ts';
import { referredFile } from '../messages/shown.ts';
import type { Channel, Interaction, StoredMessage, World } from '../world.ts';

const SILENCE = { command: 'The application did not respond', component: 'This interaction failed' } as const;

/** A channel as one person sees it, oldest first. */
export function seenMessages(world: World, channel: Channel, viewer: string): SeenMessage[] {
  return channel.entries.flatMap((entry) => {
    if ('interaction' in entry) return seenInteraction(world, entry.interaction, viewer);
    const { message } = entry;
    return isEphemeral(message) && message.interaction?.user.id !== viewer ? [] : [seenMessage(world, message)];
  });
}

const BARE = { buttons: [], files: [], ephemeral: false, pending: false, edited: false };

/** The command above its answer, and the client's own words when no answer came in time. */
function seenInteraction(world: World, interaction: Interaction, viewer: string): SeenMessage[] {
  const { id, kind, line, user, at, original, answer } = interaction;
  const mine = user.id === viewer;
  const openly = original !== undefined && !isEphemeral(original);
  const seen: SeenMessage[] = [];
  if (kind === 'command' && (mine || openly)) {
    seen.push({
      ...BARE,
      id,
      from: 'person',
      ...showMarkdown(literal(line), at),
      ephemeral: original !== undefined && !openly,
      at,
    });
  }
  const silent = !answer && world.now() - at > world.knobs.acknowledgeWithinMs;
  if (mine && silent && kind !== 'autocomplete') {
    const words = kind === 'command' ? SILENCE.command : SILENCE.component;
    seen.push({ ...BARE, id: `${id}-silence`, from: 'bot', html: words, text: words, ephemeral: true, at });
  }
  return seen;
}

const literal = (words: string): string => words.replaceAll(/[^0-9A-Za-z\s]/g, '\\$&');

function seenMessage(world: World, message: StoredMessage): SeenMessage {
  const now = world.now();
  const waiting = isLoading(message);
  const given = waiting && message.interaction !== undefined && now - message.interaction.at > world.knobs.tokenLivesMs;
  return {
    id: message.id,
    from: message.author.id === world.bot.id ? 'bot' : 'person',
    ...showMarkdown(given ? SILENCE.command : wordsOf(message), now),
    buttons: buttonsOf(world, message),
    files: filesOf(message).map((file) => seenFile(world, file)),
    ephemeral: isEphemeral(message),
    pending: waiting && !given,
    edited: message.edited,
    at: message.at,
  };
}

function wordsOf(message: StoredMessage): string {
  if (!isV2(message)) return message.content;
  const texts = walkComponents(message.components).filter((component) => component.type === 10);
  return texts.map((component) => String(component.content)).join('\n');
}

/** With Components V2 a file stays hidden until something refers to it. */
function filesOf(message: StoredMessage): StoredFile[] {
  if (!isV2(message)) return message.files;
  return walkComponents(message.components).flatMap((component) => {
    const references = [component.media, component.file, ...recordsOf(component.items).map((item) => item.media)];
    return references.flatMap((reference) => referredFile(message, reference) ?? []);
  });
}

function seenFile(world: World, file: StoredFile): SeenFile {
  const { url, content_type: type = '', filename: name, size } = world.files.attachment(file);
  const kind = type.startsWith('video/') ? 'video' : type.startsWith('image/') ? 'image' : 'file';
  return { kind, name, size, url };
}

function buttonsOf(world: World, message: StoredMessage): SeenButton[][] {
  const rows = walkComponents(message.components).filter((component) => component.type === 1);
  return rows
    .map((row) =>
      recordsOf(row.components)
        .filter((each) => each.type === 2)
        .map((button) => seenButton(world, button)),
    )
    .filter((row) => row.length > 0);
}

/** The client labels a premium button itself, with the name and the price of what it sells. */
function seenButton(world: World, button: Record<string, unknown>): SeenButton {
  const sku = button.style === 6 ? world.premium.skus.get(String(button.sku_id)) : undefined;
  if (sku) return { id: sku.id, label: sku.name, tone: 'primary', price: sku.price };
  const emoji = isRecord(button.emoji) ? String(button.emoji.name ?? '') : '';
  const label = [emoji, String(button.label ?? '')].filter(Boolean).join(' ');
  const tone = button.style === 1 ? 'primary' : button.style === 4 ? 'danger' : 'plain';
  if (button.style === 5) return { id: String(button.url), label, tone, url: String(button.url) };
  return { id: String(button.custom_id), label, tone };
}
