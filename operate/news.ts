import { readFile } from 'node:fs/promises';
import type { App } from '../core/app.ts';
import { UserError } from '../core/errors.ts';
import { beginNews, countConsents } from '../core/privacy/news.ts';

/**
 * Sends news to those who said yes to them: the subject is the first line of the file, the text is below it. The same file twice is sent once.
 * Gives back what to tell the operator; throws UserError where nothing can be sent.
 */
export async function news(app: App, [file]: readonly string[]): Promise<string[]> {
  if (!file) throw new UserError('usage', 'Name the file: its first line is the subject, the text is below it.');
  const [subject = '', ...rest] = (await readFile(file, 'utf8'))
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n');
  const live = await countConsents(app);
  const { id, isNew } = await beginNews(app, { subject: subject.trim(), text: rest.join('\n').trim() });
  const lines = [
    `${live} ${live === 1 ? 'account agrees' : 'accounts agree'} to news at this moment; each is asked again before it is sent.`,
  ];
  if (isNew)
    return [...lines, `Begun as ${id}. The workers send it, by Telegram and e-mail, never by Discord.`, ...mailLine(app)];
  const known = await app.models.broadcasts.findById(id).lean();
  return [...lines, `This very text was begun before (${id}): ${known?.state}, sent to ${known?.sent}. Nothing is sent twice.`];
}

const mailLine = ({ mail, config }: App): string[] =>
  mail && config.PUBLIC_URL
    ? []
    : ['By e-mail it goes only where workers have SMTP_URL and PUBLIC_URL, because each must carry its way out.'];
