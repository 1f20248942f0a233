import { randomBytes, randomInt } from 'node:crypto';

/** One way in which something that must stay secret could stand somewhere. */
export interface Needle {
  /** What is given away, and how it is written. */
  name: string;
  bytes: Buffer;
  /** Compared without regard to the case of letters. */
  folded: boolean;
}

export type Canaries = ReturnType<typeof createCanaries>;

/**
 * Words and ids that nobody can guess. All words of a run begin with one stem and all ids hold one, so that one search finds any of
 * them. They are letters and digits only: JSON, URLs, HTML and file names hold them unchanged.
 */
export function createCanaries() {
  const stem = `z${Array.from({ length: 13 }, () => String.fromCharCode(97 + randomInt(26))).join('')}`;
  const digits = String(randomInt(100_000_000, 1_000_000_000));
  const ids: number[] = [];
  return {
    /** `slot` says where it was put, for whoever reads a finding. */
    word: (slot: string): string => `${stem}${slot}`,
    /** As Discord's snowflakes look. */
    snowflake: (): string => `1${digits}${randomInt(100_000_000, 1_000_000_000)}`,
    /** A Telegram user or chat. */
    id(): number {
      const id = Number(`${digits}${randomInt(100_000, 1_000_000)}`);
      ids.push(id);
      return id;
    },
    needles: (): Needle[] => [...wordNeedles('word', stem), ...wordNeedles('id', digits), ...ids.flatMap(numberNeedles)],
  };
}

/** A text however it may be written: in the usual encodings, backwards, and in any case of letters where the encoding keeps them. */
function wordNeedles(what: string, text: string): Needle[] {
  const plain = Buffer.from(text);
  const wide = Buffer.from(text, 'utf16le');
  const percent = [...plain].map((byte) => `%${byte.toString(16)}`).join('');
  const folded: [string, Buffer][] = [
    ['as it is', plain],
    ['backwards', Buffer.from(plain).reverse()],
    ['UTF-16LE', wide],
    ['UTF-16BE', Buffer.from(wide).swap16()],
    ['percent-encoded', Buffer.from(percent)],
    ['hex of UTF-16', Buffer.from(wide.toString('hex'))],
  ];
  return [...folded.map(([how, bytes]) => ({ name: `${what}, ${how}`, bytes, folded: true })), ...codedNeedles(what, plain)];
}

/** Any bytes: as they are, in hexadecimal digits, and in base64 at each of its three positions. */
export function byteNeedles(what: string, bytes: Buffer): Needle[] {
  return [{ name: `${what}, as it is`, bytes, folded: false }, ...codedNeedles(what, bytes)];
}

function codedNeedles(what: string, bytes: Buffer): Needle[] {
  const hex = { name: `${what}, hex`, bytes: Buffer.from(bytes.toString('hex')), folded: true };
  const base64 = [0, 1, 2].flatMap((shift) => {
    const coded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first letters hold what stands before, the last one what comes behind.
    const sure = coded.slice(shift === 0 ? 0 : shift + 1, -1);
    const url = sure.replaceAll('+', '-').replaceAll('/', '_');
    return [...new Set([sure, url])].map((text) => ({ name: `${what}, base64`, bytes: Buffer.from(text), folded: false }));
  });
  return [hex, ...base64];
}

/** A number as BSON, protocol buffers' fixed fields and binary formats write it. */
function numberNeedles(id: number): Needle[] {
  const whole = Buffer.alloc(8);
  whole.writeBigInt64LE(BigInt(id));
  const double = Buffer.alloc(8);
  double.writeDoubleLE(id);
  return [whole, double].flatMap((bytes) =>
    [bytes, Buffer.from(bytes).reverse()].map((each) => ({ name: `id ${id}, binary`, bytes: each, folded: false })),
  );
}

/** A few pieces out of a file that cannot be there by chance. Its first bytes are the same in every file of its kind. */
export function pieceNeedles(what: string, file: Buffer): Needle[] {
  return [0.4, 0.6, 0.8].flatMap((part) => {
    const from = Math.floor(file.length * part);
    return byteNeedles(`${what}, bytes from ${from}`, file.subarray(from, from + 32));
  });
}

/** A secret text that cannot be chosen beforehand, such as a token. */
export const textNeedles = (what: string, text: string): Needle[] => byteNeedles(what, Buffer.from(text));

/** Noise that no compression makes smaller. */
export const noise = (bytes: number): Buffer => randomBytes(bytes);
