import { expect, onTestFinished, test } from 'vitest';
import { type Command, defineCommand } from '../../commands/command.ts';
import { dispatch } from '../../commands/dispatch.ts';
import type { App } from '../../core/app.ts';
import type { Reply, Request } from '../../core/chat.ts';
import type { Person } from '../../simulator/person.ts';
import { createStage } from '../bots/discord/stage.ts';
import { buildTelegram, startBot } from '../bots/telegram/building.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';

const take = defineCommand({
  name: 'export',
  about: 'Take your data with you',
  private: true,
  options: {
    content: {
      type: 'choice',
      about: 'How much',
      choices: [
        { value: 'data', label: 'Data only' },
        { value: 'everything', label: 'Everything' },
      ],
    },
  },
  async run({ options: { content = 'everything' } }): Promise<Reply> {
    const data = Buffer.from(`PK ${content}`);
    const file = { name: `${content}.zip`, type: 'application/zip', size: data.length, read: async () => data };
    return { text: [`Your export: ${content}`], file };
  },
});

const overview: Reply = {
  text: ['What is kept of you'],
  buttons: [[{ label: 'Export', command: 'privacy export content=data' }]],
};
const show = defineCommand({ name: 'show', about: 'See it', private: true, options: {}, run: async () => overview });
const COMMANDS: readonly Command[] = [{ ...show, name: 'privacy', about: 'Your data', subcommands: [show, take] }];

const answerOf = (app: App) => (request: Request) => dispatch(app, COMMANDS, request);
const open = async () => openApp({ provider: await createScriptedProvider() });

async function onDiscord() {
  const app = await open();
  const stage = await createStage();
  onTestFinished(() => stage.close());
  await stage.start(answerOf(app), { commands: COMMANDS });
  return { person: stage.simulator.person(), looking: stage.simulator.person({ name: 'Ben' }) };
}

async function onTelegram() {
  const app = await open();
  const telegram = await buildTelegram();
  await startBot(telegram, { answer: answerOf(app), commands: COMMANDS });
  return telegram;
}

/** What the person reads after an export, and the bytes of its file. */
async function exported(person: Person, content: string) {
  const message = await person.until(({ text }) => text === `Your export: ${content}`);
  const [file] = message.files;
  expect(file).toMatchObject({ kind: 'file', name: `${content}.zip` });
  expect(await (await fetch(file?.url ?? '')).text()).toBe(`PK ${content}`);
  return message;
}

async function pressExport(person: Person): Promise<void> {
  const seen = await person.until(({ text }) => text === 'What is kept of you');
  const [button] = seen.buttons.flat();
  person.press(seen.id, button?.id ?? '');
}

test('in Discord a sub-command is chosen or pressed, and only the person sees its answer', async () => {
  const { person, looking } = await onDiscord();
  expect(person.menu().map(({ name }) => name)).toEqual(['privacy show', 'privacy export']);
  person.command('privacy');
  await pressExport(person);
  expect(await exported(person, 'data')).toMatchObject({ ephemeral: true });
  person.command('privacy export', { content: 'everything' });
  expect(await exported(person, 'everything')).toMatchObject({ ephemeral: true });
  expect(looking.messages()).toEqual([]);
});

test('in Telegram a sub-command is typed or pressed, and the menu lists the command alone', async () => {
  const telegram = await onTelegram();
  const person = telegram.person();
  expect(person.menu().map(({ name }) => name)).toEqual(['privacy']);
  person.command('privacy');
  await pressExport(person);
  await exported(person, 'data');
  person.command('privacy export', { content: 'everything' });
  await exported(person, 'everything');
  expect(person.messages().some(({ text }) => text === '/privacy export content=everything')).toBe(true);
});

test('in a Telegram group a sub-command is answered in the private chat', async () => {
  const telegram = await onTelegram();
  const alone = telegram.person({ id: 5_000_001, acquainted: true });
  const inGroup = telegram.person({ id: 5_000_001, group: { id: -1_000_000_000_001, title: 'Film club' } });
  inGroup.command('privacy export', { content: 'data' });
  await exported(alone, 'data');
  await inGroup.until(({ text }) => text === "I've answered you in our private chat.");
  expect(inGroup.messages().flatMap(({ files }) => files)).toEqual([]);
  expect(inGroup.messages()[0]?.text).toBe('/privacy@lpm_ai_bot export content=data');
});
