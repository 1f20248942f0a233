import { createHash } from 'node:crypto';
import { createTransport, type NodemailerError } from 'nodemailer';
import { Undeliverable } from './errors.ts';

export interface Letter {
  /** One address. */
  to: string;
  subject: string;
  /** Plain text. */
  text: string;
  /** The same id again is the same letter: its Message-ID is made from it, so that mail programs can tell a repeat. */
  id: string;
  headers?: Record<string, string>;
}

export type Mail = ReturnType<typeof createMail>;

/** The mail server did not take the letter; trying again may help. Says only a code, because the server's own words quote addresses. */
export class MailFailed extends Error {
  readonly code: string;
  /** No letter was handed over, to whomever: the server could not be reached, or lets us in no more. */
  readonly isAway: boolean;

  constructor(code: string, isAway: boolean) {
    super(`the letter was not sent: ${code}`);
    this.name = 'MailFailed';
    this.code = code;
    this.isAway = isAway;
  }
}

/** Steps of an SMTP session before the letter is begun, and codes of errors that come before it. */
const BEFORE_LETTER: readonly unknown[] = ['CONN', 'EHLO', 'HELO', 'STARTTLS', 'EDNS', 'ETLS', 'EAUTH', 'ENOAUTH'];

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 5_000 };
const SUBMISSION_PORT = 587;
const TLS_PORT = 465;

/** Letters by one SMTP server: `smtp://` or `smtps://[user:password@]host[:port]`. `from` is an address, with a name or without. */
export function createMail({ url, from }: { url: string; from: string }) {
  const domain = /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  const transport = createTransport({
    ...serverOf(url),
    ...TIMEOUTS,
    name: domain,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  return {
    /** Resolves when the server has taken it. Throws Undeliverable for a refused address and MailFailed for the rest. */
    async send({ to, subject, text, id, headers = {} }: Letter): Promise<void> {
      const messageId = `<${createHash('sha256').update(id).digest('hex').slice(0, 40)}@${domain}>`;
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: to },
          subject,
          text,
          messageId,
          xMailer: false,
          headers: { 'Auto-Submitted': 'auto-generated', ...headers },
        });
      } catch (error) {
        throw withoutWords(error);
      }
    },

    close: (): void => transport.close(),
  };
}

/** Off this machine the connection is encrypted and the certificate is checked, whatever the address says. */
function serverOf(address: string) {
  const { protocol, hostname, port, username, password } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isLoopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/i.test(host);
  const secure = protocol === 'smtps:';
  return {
    host,
    port: port ? Number(port) : secure ? TLS_PORT : SUBMISSION_PORT,
    secure,
    requireTLS: !secure && !isLoopback,
    tls: { rejectUnauthorized: !isLoopback, minVersion: 'TLSv1.2' as const },
    ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}

function withoutWords(error: unknown): Error {
  const { code = 'unknown', command, permanent, responseCode } = error as Partial<NodemailerError>;
  const said = responseCode ? `${code}-${responseCode}` : String(code);
  if (command === 'RCPT TO' && permanent) return new Undeliverable(said);
  return new MailFailed(said, BEFORE_LETTER.includes(command) || BEFORE_LETTER.includes(code));
}
