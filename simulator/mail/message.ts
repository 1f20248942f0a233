/** A letter as it arrived. */
export interface Letter {
  to: string;
  subject: string;
  text: string;
  /** By lower-case name, as one line each. */
  headers: Record<string, string>;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Reads a plain-text letter (RFC 5322, 2045, 2047) of one part; `to` is the address that the server was given. */
export function readLetter(raw: Buffer, to: string, at: number): Letter {
  const source = raw.toString('latin1');
  const gap = source.search(/\r?\n\r?\n/);
  const head = gap < 0 ? source : source.slice(0, gap);
  const body = gap < 0 ? '' : source.slice(gap).replace(/^\r?\n\r?\n/, '');
  const headers = readHeaders(head);
  const text = decodeBody(body, headers['content-transfer-encoding'] ?? '7bit');
  return { to, subject: decodeWords(headers.subject ?? ''), text: text.replaceAll('\r\n', '\n').trimEnd(), headers, at };
}

function readHeaders(head: string): Record<string, string> {
  const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value = ''] = /^([!-9;-~]+):\s*(.*)$/.exec(line) ?? [];
      return name ? [[name.toLowerCase(), value.trim()]] : [];
    }),
  );
}

function decodeBody(body: string, encoding: string): string {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString();
    case 'quoted-printable':
      return quotedPrintable(body.replace(/[ \t]+(?=\r?\n|$)/g, '').replace(/=\r?\n/g, ''));
    default:
      return Buffer.from(body, 'latin1').toString();
  }
}

const quotedPrintable = (text: string): string =>
  Buffer.from(
    text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();

/** `=?UTF-8?Q?caf=C3=A9?=` → "café"; the blank between two encoded words is none. A letter of several bytes may be cut by it. */
function decodeWords(value: string): string {
  const word = /=\?utf-8\?([bq])\?([^?]*)\?=(?:\s+(?==\?))?/gi;
  const bytes = value.replace(word, (_, kind: string, data: string) =>
    kind.toLowerCase() === 'b'
      ? Buffer.from(data, 'base64').toString('latin1')
      : Buffer.from(quotedPrintable(data.replaceAll('_', ' '))).toString('latin1'),
  );
  return Buffer.from(bytes, 'latin1').toString();
}
