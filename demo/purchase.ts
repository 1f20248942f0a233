import type { SeenMessage } from '../simulator/person.ts';
import type { Simulation } from '../simulator/simulation.ts';
import { buttonOf, pressButton } from './buttons.ts';

const PATIENCE_MS = 30_000;

/** Robin pays by card through our link and Stripe's page, Sam with Telegram Stars in the chat. Resolves when both have read that it arrived. */
export async function buyOnBoth({ persons, stripe }: Simulation): Promise<void> {
  const { discord, telegram } = persons;
  discord.command('buy');
  await pressButton(discord, /^Small pack: .* by card$/);
  const { url } = await buttonOf(discord, ({ url }) => url?.includes('/pay/') ?? false);
  await stripe.pay(await sessionBehind(url ?? ''), 'card');
  await discord.until(saysPaid, PATIENCE_MS);

  telegram.say('/buy');
  await pressButton(telegram, /^Medium pack: .* Stars$/);
  const invoice = await telegram.until(({ invoice }) => invoice !== undefined, PATIENCE_MS);
  telegram.pay(invoice.id);
  await telegram.until(saysPaid, PATIENCE_MS);
}

const saysPaid = ({ from, text }: SeenMessage): boolean => from === 'bot' && text.includes('is paid, thank you.');

/** Opens our page as a browser does and sends its one form; gives back the session that it leads to. */
async function sessionBehind(url: string): Promise<string> {
  const page = await (await fetch(url)).text();
  const token = /name="token" value="([^"]+)"/.exec(page)?.[1];
  if (!token) throw new Error('the pay page has no form');
  const sent = {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: new URL(url).origin },
    body: new URLSearchParams({ token }),
  } as const;
  const session = /\/c\/pay\/([^/?#]+)/.exec((await fetch(url, sent)).headers.get('location') ?? '')?.[1];
  if (!session) throw new Error('the pay page does not lead to Stripe');
  return session;
}
