import { ApplicationCommandOptionType, Client, Events } from 'discord.js';

const options = [
  { name: 'prompt', description: 'words', type: ApplicationCommandOptionType.String, required: true },
  { name: 'seconds', description: 'length', type: ApplicationCommandOptionType.Integer },
] as const;

/** The least a Discord bot can do: it defers every command and does nothing else. */
export async function startDiscord(token: string, api: string): Promise<void> {
  const client = new Client({ intents: [], rest: { api } });
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  client.on(Events.InteractionCreate, (interaction) => {
    if (interaction.isChatInputCommand()) interaction.deferReply().catch(console.error);
  });
  await client.login(token);
  const { application } = await ready;
  await application.commands.set([{ name: 'generate', description: 'nothing', options }]);
}
