import { rm } from 'node:fs/promises';
import { start } from '../main.ts';
import { pictureOf } from '../simulator/page/picture.ts';

const DATA = '.data/picture';
const FILE = 'docs/chat-page.png';

/** Makes the README's picture: the chat page of a new deployment, after each of its two persons has got a video. */
async function makePicture(): Promise<void> {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  await rm(DATA, { recursive: true, force: true });
  const product = await start({ ...process.env, DISCORD_TOKEN: '', TELEGRAM_TOKEN: '', DATA_DIR: DATA, LOG_LEVEL: 'error' }, say);
  try {
    if (!product.simulation) throw new Error('the picture needs the simulators');
    await pictureOf(await product.simulation.openPage(0), FILE, process.env);
    say(`Written: ${FILE}`);
  } finally {
    await product.close();
  }
}

await makePicture();
