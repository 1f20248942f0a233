import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStageWithBrowser } from './stage.ts';

let stage: Awaited<ReturnType<typeof openStageWithBrowser>>;

beforeAll(async () => {
  stage = await openStageWithBrowser();
});
afterAll(() => stage.close());

/** Words whose contrast with what lies behind them is below WCAG 2.2 AA. Gradients count as their ground colour. */
const weakWords = `(() => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((value, index) => value * a + under[index] * (1 - a));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const color = numbers(getComputedStyle(element).backgroundColor);
    if (color.length < 4 || color[3] === 1) return color.slice(0, 3);
    return over(color, element.parentElement ? ground(element.parentElement) : [255, 255, 255]);
  };
  const weak = [];
  let seen = 0;
  for (const element of document.querySelectorAll('body *')) {
    const words = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.nodeValue.trim()).join('');
    if ((!words && !element.placeholder) || !element.checkVisibility() || element.closest('[aria-hidden=true], .unseen, .skip, noscript')) continue;
    const style = getComputedStyle(element, words ? undefined : '::placeholder');
    const behind = ground(element);
    const [one, other] = [light(over(numbers(style.color), behind)), light(behind)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    seen += 1;
    if (ratio < 4.5) weak.push((words || element.placeholder) + ' ' + ratio.toFixed(2));
  }
  return { weak, seen };
})()`;

/** Things one can use that have no name for a screen reader. */
const nameless = `[...document.querySelectorAll('button, input, textarea, select, a, video, img')].filter((element) => {
  const labels = element.labels ? [...element.labels].map((label) => label.textContent).join('') : '';
  return !(element.getAttribute('aria-label') || labels.trim() || element.textContent.trim() || element.alt || element.hidden || element.closest('[hidden]'));
}).map((element) => element.outerHTML)`;

async function tell({ persons, discord, telegram }: Awaited<ReturnType<typeof stage.visit>>): Promise<void> {
  persons.telegram.say(`a${'very'.repeat(40)} long word`);
  await telegram.root.locator('button', { hasText: 'Finish' }).waitFor({ state: 'attached' });
  const { id } = await persons.telegram.until((message) => message.buttons.length > 0);
  persons.telegram.press(id, '0.0');
  await telegram.video.waitFor({ state: 'attached' });
  persons.telegram.say('buy sold');
  const asks = await persons.telegram.until(({ invoice }) => invoice !== undefined);
  persons.telegram.pay(asks.id);
  await telegram.root.getByText('This was paid before.').waitFor({ state: 'attached' });
  persons.discord.command('balance');
  await discord.root.getByText('Only you can see this').waitFor({ state: 'attached' });
  persons.discord.command('generate', { prompt: 'x'.repeat(300), style: 'neon' });
  await discord.root.locator('button', { hasText: 'Start' }).waitFor({ state: 'attached' });
}

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test('all words stand out enough from what is behind them, and everything one can use has a name', async () => {
    const seen = await stage.visit({ colorScheme });
    expect(await seen.page.evaluate(weakWords)).toMatchObject({ weak: [] });
    await tell(seen);
    await seen.discord.line.fill('hello');
    await seen.discord.line.press('Enter');
    await seen.discord.line.fill('/generate x');
    await seen.telegram.line.fill('/');
    const { weak, seen: count } = (await seen.page.evaluate(weakWords)) as { weak: string[]; seen: number };
    expect(weak).toEqual([]);
    expect(count).toBeGreaterThan(30);
    expect(await seen.page.evaluate(nameless)).toEqual([]);
  });
});

test('the page is dark or light as the system says, and as the switch says after that', async () => {
  const brightness = async (picture: Buffer) => (await sharp(picture).greyscale().stats()).channels[0]?.mean ?? Number.NaN;
  const { page } = await stage.visit({ colorScheme: 'dark' });
  expect(await brightness(await page.screenshot())).toBeLessThan(60);
  await page.getByRole('button', { name: 'Switch to light colours' }).click();
  expect(await brightness(await page.screenshot())).toBeGreaterThan(180);
  await page.reload();
  await page.getByRole('button', { name: 'Switch to dark colours' }).waitFor();
});

test.each([360, 320])('a phone of %i pixels shows one chat at a time and scrolls in no wrong direction', async (width) => {
  const seen = await stage.visit({ viewport: { width, height: 740 } });
  const { page, discord, telegram } = seen;
  await tell(seen);
  const tooWide = `[...document.querySelectorAll('body *')].filter((element) => element.checkVisibility() && !element.closest('.unseen, .skip, svg') && element.getBoundingClientRect().right > innerWidth + 0.5).map((element) => element.className)`;
  expect(await telegram.root.isVisible()).toBe(false);
  expect(await page.evaluate(tooWide)).toEqual([]);
  await discord.line.fill('/generate x');
  expect(await page.evaluate(tooWide)).toEqual([]);
  await page.getByRole('tab', { name: 'Telegram' }).click();
  expect(await discord.root.isVisible()).toBe(false);
  expect(await telegram.line.isVisible()).toBe(true);
  expect(await page.evaluate(tooWide)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
});

test('landmarks and headings name the two chats, and the page links to nothing outside', async () => {
  const { page } = await stage.visit();
  for (const name of ['LPM AI Discord', 'LPM AI Telegram']) await page.getByRole('region', { name }).waitFor();
  await page.getByRole('banner').first().getByText('This is a local simulation: nothing leaves this machine').waitFor();
  expect(await page.getByRole('main').count()).toBe(1);
  const outside = `[...document.querySelectorAll('[href], [src]')].map((element) => new URL(element.getAttribute('href') ?? element.getAttribute('src'), location.href)).filter((url) => url.origin !== location.origin).map(String)`;
  expect(await page.evaluate(outside)).toEqual([]);
});
