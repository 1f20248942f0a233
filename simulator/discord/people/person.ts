import type { APIUser } from 'discord-api-types/v10';
import type { Person, SeenMessage } from '../../person.ts';
import { walkComponents } from '../forms/components.ts';
import { createMessage } from '../messages/messages.ts';
import { type Bought, buy } from '../premium/shop.ts';
import { type Channel, directChannel, newChannel, newUser, type World } from '../world.ts';
import {
  commandData,
  commandLine,
  type Entry,
  entriesOf,
  menuCommand,
  type OptionValue,
  offeredCommands,
} from './command-data.ts';
import { createDialogs, type Dialogs } from './dialogs.ts';
import { interact } from './interactions.ts';
import { seenMessages } from './seen.ts';

export interface PersonOptions {
  /** The same name is the same user, wherever it chats. */
  name?: string;
  /** The user's id, where it must be the same again later. */
  id?: string;
  /** A guild's one channel, shared by everybody in it; false: the direct chat with the bot. */
  guild?: { id: string; name: string; channelId?: string } | false;
  /** The person brought the app along; the bot is in no guild with them. */
  userInstallOnly?: boolean;
  locale?: string;
}

export interface DiscordPerson extends Person, Dialogs {
  readonly platform: 'discord';
  readonly userId: string;
  readonly channelId: string;
  readonly guildId: string | undefined;
  /** Pays for a SKU, as pressing its premium button does; in test mode nothing is paid. Throws where Discord would not sell. */
  buy(sku: string, how?: { testMode: boolean }): Bought;
}

const WITHIN_MS = 5000;
const HOME = { id: '800000000000000000', name: 'Film club' };
const ELSEWHERE = { id: '800000000004194304', name: 'Somebody else' };

/** Somebody in one chat with the bot. */
export function createPerson(world: World, options: PersonOptions): DiscordPerson {
  const { userInstallOnly = false, locale = 'en-US' } = options;
  const name = options.name ?? `Person ${world.users.size + 1}`;
  const user = userNamed(world, name, options.id);
  world.locales.set(user.id, locale);
  const guild = options.guild ?? (userInstallOnly ? ELSEWHERE : HOME);
  const channel = guild ? guildChannel(world, guild, !userInstallOnly) : directChannel(world, user);
  const act = { user, channel, userInstallOnly };
  const messages = () => seenMessages(world, channel, user.id);
  const offered = () => offeredCommands(world, channel, userInstallOnly).flatMap((each) => entriesOf(each, locale));

  /** Whoever types the name of a command with sub-commands is led to the first of them. */
  const command = (wanted: string): Entry => {
    const found = offered().find(({ name, command }) => name === wanted || command.name === wanted);
    if (!found) throw new Error(`/${wanted} is not offered here`);
    return found;
  };

  const onChange = (listener: () => void) => {
    channel.listeners.add(listener);
    return () => void channel.listeners.delete(listener);
  };

  return {
    platform: 'discord',
    name,
    userId: user.id,
    channelId: channel.id,
    guildId: channel.guild?.id,
    ...createDialogs(world, act, command),
    menu: () => offered().map((each) => menuCommand(each, locale)),

    command(wanted: string, values: Record<string, OptionValue> = {}) {
      const entry = command(wanted);
      const data = commandData(world, channel, entry, values);
      interact(world, { kind: 'command', data, line: commandLine(entry.name, values), ...act });
    },

    say(text) {
      createMessage(world, channel, { form: { content: text }, uploads: [] }, { author: user });
    },

    sendPicture(picture, caption) {
      const upload = { id: '0', name: picture.name, type: '', data: picture.data };
      createMessage(world, channel, { form: { content: caption }, uploads: [upload] }, { author: user });
    },

    press: (message, button) => press(world, act, message, button),

    pay() {
      throw new Error('Discord knows no invoices: press a premium button');
    },

    buy: (sku, { testMode } = { testMode: false }) => buy(world, user.id, sku, testMode),
    messages,
    onChange,
    until: (wanted, withinMs = WITHIN_MS) => firstMessage(messages, onChange, wanted, withinMs, name),
  };
}

function userNamed(world: World, name: string, id: string | undefined): APIUser {
  const known = [...world.users.values()].find((user) => user.global_name === name);
  const user = known ?? { ...newUser(world, name), ...(id && { id }) };
  world.users.set(user.id, user);
  return user;
}

function guildChannel(
  world: World,
  { id, name, channelId }: Exclude<PersonOptions['guild'], false | undefined>,
  hasBot: boolean,
): Channel {
  const known = world.guilds.get(id);
  if (known && known.hasBot !== hasBot) throw new Error(`the bot ${known.hasBot ? 'is' : 'is not'} in the guild ${known.name}`);
  if (known) return known.channel;
  const channel = newChannel(world, undefined, channelId);
  channel.guild = { id, name, hasBot, channel };
  world.guilds.set(id, channel.guild);
  return channel;
}

function press(
  world: World,
  act: { user: APIUser; channel: Channel; userInstallOnly: boolean },
  messageId: string,
  id: string,
): void {
  const visible = seenMessages(world, act.channel, act.user.id).some((message) => message.id === messageId);
  const pressed = visible ? world.messages.get(messageId) : undefined;
  const named = (each: Record<string, unknown>) => (each.style === 6 ? each.sku_id : each.custom_id) === id;
  const button = walkComponents(pressed?.components).find((each) => each.type === 2 && named(each));
  if (!pressed || !button) throw new Error(`no such button: ${id}`);
  if (button.disabled === true) throw new Error(`the button is disabled: ${id}`);
  if (button.style === 6) {
    buy(world, act.user.id, id, false);
    return;
  }
  const data = { id: button.id, custom_id: id, component_type: 2 };
  interact(world, { kind: 'component', data, line: String(button.label ?? id), pressed, ...act });
}

function firstMessage(
  messages: () => SeenMessage[],
  onChange: (listener: () => void) => () => void,
  wanted: (message: SeenMessage) => boolean,
  withinMs: number,
  name: string,
): Promise<SeenMessage> {
  return new Promise((resolve, reject) => {
    const found = messages().find(wanted);
    if (found) return resolve(found);
    const finish = (end: () => void) => {
      clearTimeout(timer);
      stop();
      end();
    };
    const look = () => {
      try {
        const now = messages().find(wanted);
        if (now) finish(() => resolve(now));
      } catch (error) {
        finish(() => reject(error)); // `wanted` threw: whoever waits must hear it, and nobody else
      }
    };
    const stop = onChange(look);
    const last = () =>
      messages()
        .slice(-3)
        .map((message) => JSON.stringify(message.text))
        .join(', ');
    const timer = setTimeout(
      () => finish(() => reject(new Error(`${name} saw no such message within ${withinMs} ms; last: ${last()}`))),
      withinMs,
    );
  });
}
