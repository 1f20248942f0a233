import type { Reply } from '../chat.ts';

/** Where a video can be fetched, and the code that the page asks for. For its person's eyes only. */
export const downloadReply = ({ url, code }: { url: string; code: string }): Reply => ({
  text: [
    { bold: 'Your download is ready for 15 minutes.' },
    '\nCode: ',
    { code: `${code.slice(0, 3)} ${code.slice(3)}` },
    '\nThe page asks for it, so the link alone opens nothing. A new link ends this one.',
  ],
  buttons: [[{ label: 'Open the page', url }]],
});
