import {
  ActionRowBuilder,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  Events,
  type Interaction,
  MessageFlags,
  SlashCommandBuilder,
} from 'discord.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from './stage.ts';

const VIDEO = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251));

let stage: Stage;

/** A small bot of the ordinary kind, written with discord.js's own classes. */
async function answer(interaction: Interaction): Promise<void> {
  if (interaction.isButton()) {
    await interaction.deferUpdate();
    await interaction.editReply({ content: 'Cancelled.', components: [], attachments: [] });
    return;
  }
  if (!interaction.isChatInputCommand()) return;
  if (interaction.commandName === 'balance') {
    await interaction.reply({ content: '**38** credits', flags: MessageFlags.Ephemeral });
    return;
  }
  await interaction.deferReply();
  const cancel = new ButtonBuilder().setCustomId('cancel id=7').setLabel('Cancel').setStyle(ButtonStyle.Danger);
  await interaction.editReply({
    content: `**${interaction.options.getString('prompt', true)}**`,
    files: [new AttachmentBuilder(VIDEO, { name: 'fox.mp4', description: 'A fox' })],
    components: [new ActionRowBuilder<ButtonBuilder>().addComponents(cancel)],
  });
}

beforeAll(async () => {
  stage = await openStage();
  const client = await stage.login();
  client.on(Events.InteractionCreate, (interaction) => void answer(interaction));
  await client.application?.commands.set([
    new SlashCommandBuilder()
      .setName('generate')
      .setDescription('Make a video')
      .addStringOption((option) => option.setName('prompt').setDescription('What to show').setRequired(true)),
    new SlashCommandBuilder().setName('balance').setDescription('What is left'),
  ]);
});
afterAll(() => stage.close());

describe('a discord.js bot', () => {
  test('logs in unchanged, with one request', () => {
    expect(stage.simulator.requests[0]).toMatchObject({ method: 'GET', path: '/gateway/bot', status: 200 });
    expect(stage.simulator.requests[1]).toMatchObject({ method: 'PUT', status: 200 });
    expect(stage.simulator.connections()).toBe(1);
  });

  test('shows what it registered as the menu', () => {
    const ann = stage.simulator.person({ name: 'Ann' });
    const option = { name: 'prompt', about: 'What to show', type: 'text', required: true, choices: [] };
    expect(ann.menu()).toEqual([
      { name: 'generate', about: 'Make a video', options: [option] },
      { name: 'balance', about: 'What is left', options: [] },
    ]);
  });

  test('answers a command with a video that can be fetched, whole and in part', async () => {
    const ann = stage.simulator.person({ name: 'Ann' });
    ann.command('generate', { prompt: 'a red fox' });
    const seen = await ann.until((message) => message.files.length > 0);
    expect(ann.messages()[0]).toMatchObject({ from: 'person', text: '/generate prompt:a red fox' });
    expect(seen).toMatchObject({ from: 'bot', html: '<b>a red fox</b>', pending: false, edited: false, ephemeral: false });
    expect(seen.buttons).toEqual([[{ id: 'cancel id=7', label: 'Cancel', tone: 'danger' }]]);
    const [file] = seen.files;
    expect(file).toMatchObject({ kind: 'video', name: 'fox.mp4', size: VIDEO.length });
    const whole = await fetch(file?.url ?? '');
    expect(Buffer.from(await whole.arrayBuffer())).toEqual(VIDEO);
    const part = await fetch(file?.url ?? '', { headers: { range: 'bytes=100-199' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe('bytes 100-199/5000');
    expect(Buffer.from(await part.arrayBuffer())).toEqual(VIDEO.subarray(100, 200));
    expect((await fetch(file?.url ?? '', { headers: { range: 'bytes=9000-' } })).status).toBe(416);
  });

  test('does not serve a file under a changed signature', async () => {
    const ann = stage.simulator.person({ name: 'Ann' });
    const url = ann.messages().flatMap((message) => message.files)[0]?.url ?? '';
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace(/hm=./, 'hm=x'))).status).toBe(404);
  });

  test('gets a press of a button with the whole message, and edits that message', async () => {
    const ann = stage.simulator.person({ name: 'Ann' });
    const before = ann.messages().find((message) => message.buttons.length > 0);
    ann.press(before?.id ?? '', 'cancel id=7');
    const after = await ann.until((message) => message.text === 'Cancelled.');
    expect(after).toMatchObject({ id: before?.id, buttons: [], files: [], edited: true });
  });

  test('shows an ephemeral answer to nobody else', async () => {
    const [ann, bob] = [stage.simulator.person({ name: 'Ann' }), stage.simulator.person({ name: 'Bob' })];
    expect(ann.channelId).toBe(bob.channelId);
    bob.command('balance');
    await bob.until((message) => message.ephemeral && message.html === '<b>38</b> credits');
    expect(ann.messages().some((message) => message.text.includes('38') || message.text === '/balance')).toBe(false);
    expect(bob.messages().some((message) => message.text === 'Cancelled.')).toBe(true);
  });

  test('is reached in a direct chat', async () => {
    const ann = stage.simulator.person({ name: 'Ann', guild: false });
    ann.command('generate', { prompt: 'in private' });
    await ann.until((message) => message.text === 'in private');
    const asked = stage.interactions.at(-1);
    expect(asked).toMatchObject({ context: 1, user: { id: ann.userId }, channel: { id: ann.channelId, type: 1 } });
    expect(asked).not.toHaveProperty('member');
  });
});
