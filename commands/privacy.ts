import { defineCommand } from './command.ts';

export const privacy = defineCommand({
  name: 'privacy',
  about: 'What is kept about you and how it is protected',
  private: true,
  options: {},
  async run() {
    return {
      text: [
        { bold: 'Your privacy' },
        ' (policy of 2025-12-21)\n',
        'I keep your prompts, pictures and videos so that you can watch them again, your name as this app shows it, and your credits. ',
        'All of it is stored encrypted with a key of your own. Your words never appear in logs. Nothing is sold, and nothing is used for advertising or shown to others without your consent.\n',
        'To see, correct, download or delete your data, write to support@lpmai.art. The whole policy: https://www.lpmai.art',
      ],
    };
  },
});
