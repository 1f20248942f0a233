import { changeSettings } from '../core/accounts.ts';
import type { Button } from '../core/chat.ts';
import { ASPECT_RATIOS, askAbove, STYLES } from '../core/generations/options.ts';
import { credits } from '../core/texts/amounts.ts';
import { describeLook } from '../core/texts/generations.ts';
import { defineCommand } from './command.ts';
import { chosenLook, lookOptions } from './generate.ts';

const LENGTHS = [4, 6, 8];

export const settings = defineCommand({
  name: 'settings',
  about: 'What your videos look like when you do not say',
  private: true,
  options: {
    ...lookOptions,
    ask: { type: 'integer', about: 'Ask first when a video costs more credits than this; 0 never asks', min: 0, max: 1_000 },
  },
  async run({ app, account, options }) {
    const { style, ratio, seconds, ask } = options;
    const changes = {
      ...(style && { style }),
      ...(ratio && { aspectRatio: ratio }),
      ...(seconds && { seconds }),
      ...(ask !== undefined && { ask }),
    };
    const changed = Object.keys(changes).length > 0;
    const now = changed ? { ...account, settings: await changeSettings(app, account, changes) } : account;
    const look = chosenLook({ account: now, options: {} });
    return {
      text: [
        { bold: changed ? 'Saved.' : 'Your settings.' },
        ` Unless you say otherwise: ${describeLook(look)}.\nYou can also write style=neon ratio=9:16 seconds=8 behind a prompt.\n${askWords(askAbove(now.settings))}`,
      ],
      buttons: keyboard(look),
    };
  },
});

const askWords = (above: number): string =>
  Number.isFinite(above)
    ? `I ask first when a video costs more than ${credits(above)}; /settings ask=8 changes that, and ask=0 never asks.`
    : 'I never ask before a video; /settings ask=20 asks first when one costs more than 20 credits.';

/** Rows of at most three, so that the words fit on a phone; the choice that holds now is ticked. */
function keyboard({ style, aspectRatio, seconds }: ReturnType<typeof chosenLook>): Button[][] {
  const button = (option: string, value: string | number, label: string, chosen: string | number): Button => ({
    label: value === chosen ? `✓ ${label}` : label,
    command: `settings ${option}=${value}`,
  });
  const styles = STYLES.map(({ value, label }) => button('style', value, label, style));
  const ratios = ASPECT_RATIOS.map(({ value, label }) => button('ratio', value, label, aspectRatio));
  const lengths = LENGTHS.map((length) => button('seconds', length, `${length} s`, seconds));
  return [styles.slice(0, 3), styles.slice(3), ratios.slice(0, 2), ratios.slice(2), lengths];
}
