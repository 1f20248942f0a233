import { animate } from './animate.ts';
import { balance } from './balance.ts';
import { billing } from './billing.ts';
import { buy } from './buy.ts';
import { cancel } from './cancel.ts';
import type { Command } from './command.ts';
import { generate } from './generate.ts';
import { createHelp } from './help.ts';
import { link } from './link.ts';
import { createPaid } from './paid.ts';
import { paysupport } from './paysupport.ts';
import { privacy } from './privacy.ts';
import { receipt } from './receipt.ts';
import { settings } from './settings.ts';
import { start } from './start.ts';
import { terms } from './terms.ts';
import { unlink } from './unlink.ts';
import { videos } from './videos.ts';

/** Everything a person can ask for, in menu order. */
export const commands: readonly Command[] = [
  generate,
  animate,
  videos,
  buy,
  balance,
  cancel,
  settings,
  link,
  unlink,
  billing,
  receipt,
  createPaid(),
  privacy,
  terms,
  paysupport,
  createHelp(() => commands),
  start,
];
