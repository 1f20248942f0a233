import type { App } from '../core/app.ts';
import { rewrapKeys } from '../core/keys.ts';

/** Puts every stored key under the present master key and says what is left. Safe to repeat, to interrupt and to run beside traffic. */
export async function rotateKeys(app: App): Promise<string[]> {
  const { rewrapped, left } = await rewrapKeys(app);
  const others = Object.entries(left);
  const told = `Keys wrapped anew by the present master key: ${rewrapped}.`;
  if (others.length === 0) return [told, 'Nothing is left under an earlier one: take it out of MASTER_KEY_OLD.'];
  return [
    told,
    ...others.map(([kekId, count]) => `Keys still under master key ${kekId}: ${count}.`),
    'Keep every earlier key in MASTER_KEY_OLD, restart whatever still runs with it as MASTER_KEY, and run this again (docs/operations.md).',
  ];
}
