import { defineCommand } from './command.ts';

export const paysupport = defineCommand({
  name: 'paysupport',
  about: 'Help with payments and refunds',
  private: true,
  options: {},
  async run() {
    return {
      text: [
        { bold: 'Help with payments' },
        '\nA payment seems missing? /paid looks again at once.\n',
        'A video that fails costs nothing: its credits come back by themselves, and /receipt shows the entry.\n',
        'Paid twice, by mistake or for credits that you do not want to use? Write to support@lpmai.art with the number from /receipt, and we give the money back the way it came: Stars as Stars, a card payment to the card. The credits it brought go back with it.\n',
        'Telegram’s and Discord’s own support cannot help with what you buy here: we do.',
      ],
      buttons: [
        [
          { label: 'Look for a payment', command: 'paid' },
          { label: 'Receipts', command: 'receipt' },
          { label: 'My plan', command: 'billing' },
        ],
      ],
    };
  },
});
