import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { type Letter, readLetter } from './mail/message.ts';
import { createMailPage } from './mail/page.ts';

export type { Letter } from './mail/message.ts';

export interface MailSimulator {
  /** For SMTP_URL. */
  url: string;
  /** What has arrived, oldest first. */
  messages(): Letter[];
  /** Resolves with the first letter, arrived now or later, for which `wanted` holds. */
  until(wanted: (letter: Letter) => boolean, withinMs?: number): Promise<Letter>;
  /** The next letters are refused: for now (451) or for good (550), each once. */
  refuseNext(count: number, code: 451 | 550): void;
  /** Serves the page that shows what has arrived. */
  openPage(port: number): Promise<string>;
  close(): Promise<void>;
}

export interface MailOptions {
  /** 0 or left out: a free one. */
  port?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

const MOST_LETTERS = 500;
const MOST_BYTES = 1_000_000;

/** An SMTP server on loopback that keeps the newest letters in memory and sends nothing anywhere. */
export async function createMailSimulator({ port = 0, now = Date.now }: MailOptions = {}): Promise<MailSimulator> {
  const letters: Letter[] = [];
  const listeners = new Set<() => void>();
  const refusals: number[] = [];
  const pages: { close(): Promise<void> }[] = [];

  async function take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
    if (stream.sizeExceeded) throw refusal(552);
    for (const { address } of session.envelope.rcptTo) letters.push(readLetter(Buffer.concat(chunks), address, now()));
    letters.splice(0, letters.length - MOST_LETTERS);
    for (const listener of [...listeners]) listener();
  }

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: MOST_BYTES,
    logger: false,
    closeTimeout: 1_000,
    onRcptTo(_, __, callback) {
      const code = refusals.shift();
      callback(code ? refusal(code) : null);
    },
    onData(stream, session, callback) {
      take(stream, session).then(
        () => callback(null),
        (error: Error) => callback(error),
      );
    },
  });
  // A client that goes away in the middle of a letter is no matter of ours.
  server.on('error', () => {});
  const listening = server.listen(port, '127.0.0.1');
  await once(listening, 'listening');
  const { port: bound } = listening.address() as AddressInfo;

  return {
    url: `smtp://127.0.0.1:${bound}`,
    messages: () => [...letters],
    refuseNext: (count, code) => void refusals.push(...Array<number>(count).fill(code)),
    until(wanted, withinMs = 5_000) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = letters.find(wanted);
          if (found) end(() => resolve(found));
        };
        const timeout = setTimeout(() => {
          const seen = letters.map(({ to, subject }) => `${to}: ${subject}`);
          end(() => reject(new Error(`no such letter within ${withinMs} ms; arrived: ${JSON.stringify(seen)}`)));
        }, withinMs);
        const end = (settle: () => void) => {
          clearTimeout(timeout);
          listeners.delete(look);
          settle();
        };
        listeners.add(look);
        look();
      });
    },
    async openPage(wanted) {
      const page = await createMailPage(wanted, () => letters);
      pages.push(page);
      return page.url;
    },
    async close() {
      for (const page of pages.splice(0)) await page.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What the server says instead of taking a letter. */
const refusal = (responseCode: number): Error => Object.assign(new Error('Refused by the simulation'), { responseCode });
