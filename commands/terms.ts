import { defineCommand } from './command.ts';

export const terms = defineCommand({
  name: 'terms',
  about: 'The terms of buying and using credits',
  private: true,
  options: {},
  async run() {
    return {
      text: [
        { bold: 'Terms in short' },
        '\nCredits pay for videos made here, two for each second; every video shows its price before it starts. They are no money and cannot be sold or passed on.\n',
        'Packs are paid once, and their credits never expire. A plan renews each month until you end it with /billing; its credits last for the month and 3 days more.\n',
        'Credits are set aside when a video starts and used only once we hold the finished video. If it fails, they come back.\n',
        'Refunds: /paysupport. Credits that were refunded or charged back are taken back; if they were used already, the next ones pay for them first. Your rights as a consumer stay as they are.\n',
        'What you make must be lawful and must not harm or deceive anybody.\n',
        'Payments with Stars also follow Telegram’s terms, purchases in the Discord shop Discord’s. Questions: support@lpmai.art. Privacy: /privacy',
      ],
    };
  },
});
