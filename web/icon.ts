import type { Answer } from './answer.ts';

export const ICON_PATH = '/icon.svg';

/** The sign of every page in the browser's tab. */
export const icon = (): Answer => ({
  status: 200,
  type: 'image/svg+xml',
  body: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#5b3fd6"/><path d="M12 9.5v13l11-6.5z" fill="#fff"/></svg>',
  headers: { 'cache-control': 'public, max-age=86400' },
});
