import { changeSettings } from '../core/accounts.ts';
import type { Button } from '../core/chat.ts';
import { ASPECT_RATIOS, STYLES } from '../core/generations/options.ts';
import { describeLook } from '../core/texts/generations.ts';
import { defineCommand } from './command.ts';
import { lookOf, lookOptions } from './generate.ts';

const ROW = 3;

export const settings = defineCommand({
  name: 'settings',
  about: 'What your videos look like when you do not say',
  private: true,
  options: lookOptions,
  async run({ app, account, options }) {
    const { style, ratio, seconds } = options;
    const changes = { ...(style && { style }), ...(ratio && { aspectRatio: ratio }), ...(seconds && { seconds }) };
    const changed = Object.keys(changes).length > 0;
    const now = changed ? { ...account, settings: await changeSettings(app, account, changes) } : account;
    const look = describeLook(lookOf({ account: now, options: {} }));
    return {
      text: [
        { bold: changed ? 'Saved.' : 'Your settings.' },
        ` Unless you say otherwise: ${look}.\nYou can also write style=neon ratio=9:16 seconds=8 behind a prompt.`,
      ],
      buttons: rows([
        ...STYLES.map(({ value, label }) => ({ label, command: `settings style=${value}` })),
        ...ASPECT_RATIOS.map(({ value, label }) => ({ label, command: `settings ratio=${value}` })),
        ...[4, 6, 8].map((length) => ({ label: `${length} s`, command: `settings seconds=${length}` })),
      ]),
    };
  },
});

const rows = (buttons: Button[]): Button[][] =>
  Array.from({ length: Math.ceil(buttons.length / ROW) }, (_, row) => buttons.slice(row * ROW, (row + 1) * ROW));
