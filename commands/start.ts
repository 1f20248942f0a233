import { credits } from '../core/texts/amounts.ts';
import { buy } from './buy.ts';
import { defineCommand } from './command.ts';

export const start = defineCommand({
  name: 'start',
  about: 'Say hello and see how it works',
  options: { code: { type: 'text', about: 'What a link carried along', max: 64, rest: true, hidden: true } },
  async run(call) {
    const { app, account, place, options } = call;
    // The button of a forwarded invoice leads here.
    if (options.code === 'buy') return { ...(await buy.run({ ...call, options: {} })), private: true };
    const how =
      place.platform === 'telegram' && !place.group
        ? 'Write what you want to see, or send a picture with a few words.'
        : 'Use /generate with your words, or /animate with a picture.';
    return {
      text: [
        { bold: 'Welcome to LPM AI.' },
        ` I turn words and pictures into videos.\n${how}\nYou have ${credits(account.credits.available)}; a video of 6 s costs 12.\n${app.provider.label}.`,
      ],
      buttons: [
        [{ label: 'Try it: a fox in a neon city', command: 'generate a fox in a neon city style=neon', tone: 'primary' }],
        [
          { label: 'Help', command: 'help' },
          { label: 'Privacy', command: 'privacy' },
        ],
      ],
    };
  },
});
