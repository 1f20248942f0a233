import { createAnnouncer } from './announcer.js';
import { createDiscordComposer, discordExamples } from './discord.js';
import { createPane } from './pane.js';
import { createTabs } from './tabs.js';
import { createTelegramComposer, telegramExamples } from './telegram.js';
import { createThemeSwitch } from './theme.js';
import { startTicking } from './times.js';

/** @typedef {import('../../person.ts').SeenMessage} SeenMessage */
/** @typedef {import('../../person.ts').MenuCommand} MenuCommand */
/** @typedef {import('../../person.ts').Person['platform']} Platform */
/** @typedef {{ name: string, menu: MenuCommand[], messages: SeenMessage[] }} Chat */
/** @typedef {{ platform: Platform, order: string[], messages: SeenMessage[], menu?: MenuCommand[] }} Change */

const names = /** @type {const} */ ({ discord: 'Discord', telegram: 'Telegram' });
const panes = { discord: createPane('discord'), telegram: createPane('telegram') };
const discord = createDiscordComposer(panes.discord.root, panes.discord);
const telegram = createTelegramComposer(panes.telegram.root, panes.telegram);
const announcer = createAnnouncer();
const tabs = createTabs(['discord', 'telegram']);
createThemeSwitch();
startTicking();

/**
 * @param {Platform} platform
 * @param {MenuCommand[]} menu
 */
function offer(platform, menu) {
  const examples =
    platform === 'discord'
      ? discordExamples(menu).map(({ label, name, options }) => ({ label, run: () => discord.run(name, options) }))
      : telegramExamples(menu).map((text) => ({ label: text, run: () => telegram.say(text) }));
  panes[platform].offer(menu, examples);
}

/** @param {'waiting' | 'open' | 'lost'} state */
function connection(state) {
  const line = /** @type {HTMLElement} */ (document.querySelector('#connection'));
  if (line.dataset.state === state) return;
  line.dataset.state = state;
  line.textContent = { waiting: 'Connecting…', open: 'Connected', lost: 'Reconnecting…' }[state];
}

const events = new EventSource('/events');
events.addEventListener('error', () => connection('lost'));
events.addEventListener('chats', (event) => {
  /** @type {Record<Platform, Chat>} */
  const chats = JSON.parse(event.data);
  for (const platform of /** @type {const} */ (['discord', 'telegram'])) {
    const { name, menu, messages } = chats[platform];
    panes[platform].rename(name);
    offer(platform, menu);
    panes[platform].update(
      messages.map((message) => message.id),
      messages,
    );
    for (const message of messages) announcer.tell(names[platform], message, true);
  }
  connection('open');
});
events.addEventListener('change', (event) => {
  /** @type {Change} */
  const { platform, order, messages, menu } = JSON.parse(event.data);
  if (menu) offer(platform, menu);
  if (panes[platform].update(order, messages)) tabs.news(platform);
  for (const message of messages) announcer.tell(names[platform], message, false);
});
