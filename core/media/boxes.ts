export interface Box {
  /** Four letters. */
  type: string;
  /** Where it begins and how long it is, in bytes, its header included. */
  at: number;
  size: number;
}

/** The outermost boxes of an MP4 in the order of the file (ISO/IEC 14496-12, 4.2); stops where the bytes make no sense. */
export function boxesOf(file: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= file.length; ) {
    const short = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    if (short === 1 && at + 16 > file.length) break;
    const size = short === 0 ? file.length - at : short === 1 ? Number(file.readBigUInt64BE(at + 8)) : short;
    if (size < 8 || at + size > file.length) break;
    boxes.push({ type, at, size });
    at += size;
  }
  return boxes;
}

/** Whether the index stands before the pictures, so that a player can begin before it has everything. */
export function isFaststart(file: Buffer): boolean {
  const order = boxesOf(file).map(({ type }) => type);
  return order.includes('moov') && order.includes('mdat') && order.indexOf('moov') < order.indexOf('mdat');
}
