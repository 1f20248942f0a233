import type { Browser } from 'playwright-core';
import { openChromium } from '../../simulator/page/chromium.ts';

/** A headless Chromium. Where the machine has none the test fails, and says how to get one. Close it when done. */
export function openBrowser(): Promise<Browser> {
  return openChromium(process.env);
}
