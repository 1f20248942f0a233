import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  ActionRowBuilder,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  type ChatInputCommandInteraction,
  Client,
  Events,
  GatewayIntentBits,
  MessageFlags,
  SlashCommandBuilder,
} from 'discord.js';
import { Bot, InlineKeyboard, InputFile } from 'grammy';
import type { DiscordSimulator } from '../../../simulator/discord/index.ts';
import type { TelegramSimulator } from '../../../simulator/telegram/index.ts';

/** Three seconds of H.264, 160x90. */
export const clip = readFileSync(new URL('./clip.mp4', import.meta.url));

/** Nobody opens it. */
export const zip = Buffer.from('PK\u0003\u0004 <script>alert(1)</script>');

const commands = [
  new SlashCommandBuilder()
    .setName('generate')
    .setDescription('Make a video')
    .addStringOption((option) => option.setName('prompt').setDescription('What to show').setRequired(true))
    .addStringOption((option) =>
      option
        .setName('style')
        .setDescription('Its look')
        .addChoices({ name: 'Neon', value: 'neon' }, { name: 'Plain', value: 'plain' }),
    )
    .addIntegerOption((option) => option.setName('seconds').setDescription('Its length').setMaxValue(10)),
  new SlashCommandBuilder()
    .setName('animate')
    .setDescription('Bring a picture to life')
    .addAttachmentOption((option) => option.setName('image').setDescription('The picture').setRequired(true)),
  new SlashCommandBuilder().setName('balance').setDescription('Your credits'),
  new SlashCommandBuilder().setName('buy').setDescription('More credits'),
  new SlashCommandBuilder().setName('ponder').setDescription('Think and think'),
  new SlashCommandBuilder()
    .setName('data')
    .setDescription('Your data')
    .addSubcommand((sub) => sub.setName('show').setDescription('What is kept'))
    .addSubcommand((sub) =>
      sub
        .setName('export')
        .setDescription('Take it with you')
        .addStringOption((option) => option.setName('note').setDescription('A note').setRequired(true)),
    ),
];

/** What the Discord bot sells. */
export const PACK = { id: '1100000000000000001', name: 'Small pack', kind: 'consumable', price: '$4.99' } as const;

const button = (id: string, label: string, style = ButtonStyle.Primary) =>
  new ButtonBuilder().setCustomId(id).setLabel(label).setStyle(style);
const row = (...buttons: ButtonBuilder[]) => new ActionRowBuilder<ButtonBuilder>().addComponents(...buttons);

async function answerCommand(interaction: ChatInputCommandInteraction): Promise<unknown> {
  const { options, commandName } = interaction;
  if (commandName === 'balance') return interaction.reply({ content: '**38 credits**', flags: MessageFlags.Ephemeral });
  if (commandName === 'buy') {
    const link = new ButtonBuilder()
      .setStyle(ButtonStyle.Link)
      .setLabel('Pay by card')
      .setURL(`${interaction.client.options.rest?.api}/v10/gateway`);
    const premium = new ButtonBuilder().setStyle(ButtonStyle.Premium).setSKUId(PACK.id);
    return interaction.reply({ content: 'Choose', components: [row(link, premium)] });
  }
  await interaction.deferReply();
  if (commandName === 'data') {
    const name = `${options.getSubcommand()}.zip`;
    return interaction.editReply({ content: options.getString('note') ?? '', files: [new AttachmentBuilder(zip, { name })] });
  }
  if (commandName === 'ponder') return undefined;
  if (commandName === 'animate') {
    const { name, size } = options.getAttachment('image', true);
    return interaction.editReply(`Got ${name} of ${size} bytes`);
  }
  const words = [options.getString('prompt', true), options.getString('style'), options.getInteger('seconds')];
  const content = `Queued: ${words.filter((word) => word !== null).join(', ')}`;
  return interaction.editReply({
    content,
    components: [row(button('start', 'Start'), button('cancel', 'Cancel', ButtonStyle.Danger))],
  });
}

/** Each press brings a generation one step on, so that a test decides when. */
export async function startDiscordBot(discord: DiscordSimulator): Promise<Client> {
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: discord.api } });
  client.on(Events.InteractionCreate, async (interaction) => {
    if (interaction.isChatInputCommand()) await answerCommand(interaction);
    if (!interaction.isButton()) return;
    if (interaction.customId === 'start')
      await interaction.update({ content: 'Making it: 50 %', components: [row(button('finish', 'Finish'))] });
    if (interaction.customId === 'finish') {
      const video = new AttachmentBuilder(clip, { name: 'clip.mp4' });
      await interaction.update({ content: 'Here it is', files: [video], components: [row(button('note', 'Add a note'))] });
    }
    if (interaction.customId === 'note') await interaction.update({ content: 'Here it is, with a note' });
  });
  client.on(Events.EntitlementCreate, async ({ userId }) => {
    await (await client.users.createDM(userId)).send('Thank you, the credits are yours');
  });
  await client.login(discord.token);
  if (!client.isReady()) await once(client, Events.ClientReady);
  await client.application?.commands.set(commands);
  return client;
}

/** Answers as the Discord one does. */
export async function startTelegramBot(telegram: TelegramSimulator): Promise<Bot> {
  const bot = new Bot(telegram.token, { client: { apiRoot: telegram.url } });
  await bot.api.setMyCommands([
    { command: 'balance', description: 'Your credits' },
    { command: 'animate', description: 'Bring a picture to life' },
  ]);
  bot.command('balance', (context) => context.reply('<b>38 credits</b>', { parse_mode: 'HTML' }));
  bot.on('message:photo', (context) => context.reply(`Got a picture: ${context.message.caption}`));
  bot.on('message:document', (context) => context.reply(`Got a file: ${context.message.document.file_name}`));
  bot.hears(/^buy (.*)/, (context) => {
    const prices = [{ label: 'Pack', amount: 250 }];
    return context.replyWithInvoice('Pack S', '100 credits', context.match[1] ?? '', 'XTR', prices, { start_parameter: 'buy' });
  });
  bot.hears('plans', async (context) => {
    const prices = [{ label: 'Plus', amount: 900 }];
    const monthly = { subscription_period: 2_592_000 };
    const url = await context.api.createInvoiceLink('Plus', '500 credits a month', 'plus', '', 'XTR', prices, monthly);
    const reply_markup = new InlineKeyboard().url('Subscribe', url).url('By card', 'https://example.test/pay/1');
    await context.reply('Our plans', { reply_markup });
  });
  bot.on('pre_checkout_query', (context) =>
    context.preCheckoutQuery.invoice_payload === 'sold'
      ? context.answerPreCheckoutQuery(false, 'This was paid before.')
      : context.answerPreCheckoutQuery(true),
  );
  bot.on('message:successful_payment', (context) => context.reply('Thank you'));
  bot.hears('data', (context) => context.replyWithDocument(new InputFile(zip, 'data.html'), { caption: 'Your data' }));
  bot.hears('ponder', (context) => context.replyWithChatAction('typing'));
  bot.on('message:text', (context) =>
    context.reply(`Queued: ${context.message.text}`, { reply_markup: new InlineKeyboard().text('Finish', 'finish') }),
  );
  bot.callbackQuery('finish', async (context) => {
    await context.answerCallbackQuery();
    const video = { type: 'video', media: new InputFile(clip, 'clip.mp4'), caption: 'Here it is' } as const;
    await context.editMessageMedia(video, { reply_markup: new InlineKeyboard().text('Add a note', 'note') });
  });
  bot.callbackQuery('note', async (context) => {
    await context.answerCallbackQuery();
    await context.editMessageCaption({ caption: 'Here it is, with a note' });
  });
  const polling = new Promise<void>((resolve) => {
    bot.start({ onStart: () => resolve() }).catch(() => undefined);
  });
  await polling;
  return bot;
}
