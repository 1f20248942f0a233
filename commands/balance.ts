import { credits } from '../core/texts/amounts.ts';
import { defineCommand } from './command.ts';

export const balance = defineCommand({
  name: 'balance',
  about: 'How many credits you have',
  private: true,
  options: {},
  async run({ account }) {
    const { available, held } = account.credits;
    const reserved = held > 0 ? ` ${held} more are reserved for videos that are being made.` : '';
    const seconds = Math.floor(available / 2);
    return {
      text: [{ bold: `You have ${credits(available)}.` }, `${reserved}\nThat is ${seconds} s of video at two credits a second.`],
      buttons: [
        [
          { label: 'My videos', command: 'videos' },
          { label: 'Settings', command: 'settings' },
        ],
      ],
    };
  },
});
