import { animate } from './animate.ts';
import { balance } from './balance.ts';
import { cancel } from './cancel.ts';
import type { Command } from './command.ts';
import { generate } from './generate.ts';
import { createHelp } from './help.ts';
import { privacy } from './privacy.ts';
import { settings } from './settings.ts';
import { start } from './start.ts';
import { videos } from './videos.ts';

/** Everything a person can ask for, in menu order. */
export const commands: readonly Command[] = [
  generate,
  animate,
  videos,
  balance,
  cancel,
  settings,
  privacy,
  createHelp(() => commands),
  start,
];
