const LAYOUTS = ['gray', 'yuv420p', 'yuv422p', 'yuv444p'];

/** Profiles that say their chroma format (ITU-T H.264, 7.3.2.1.1); all others are 4:2:0 with 8 bits. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** The pixel format in ffmpeg's words, from an AVC decoder configuration record (ISO/IEC 14496-15, 5.3.3.1); undefined when it cannot be read. */
export function pixelFormatOf(record: Uint8Array): string | undefined {
  const count = (record[5] ?? 0) & 0x1f;
  const length = ((record[6] ?? 0) << 8) | (record[7] ?? 0);
  const parameters = record.subarray(8, 8 + length);
  const profile = parameters[1];
  if (record[0] !== 1 || count === 0 || profile === undefined) return undefined;
  if (!HIGH_PROFILES.has(profile)) return 'yuv420p';
  const read = readerOf(unescaped(parameters.subarray(4)));
  read.number();
  const chroma = read.number();
  if (chroma === 3) read.bit();
  const bits = 8 + read.number();
  const layout = LAYOUTS[chroma];
  return layout && (bits === 8 ? layout : `${layout}${bits}le`);
}

/** Without the bytes 3 that keep the start code 0 0 1 out of the data. */
const unescaped = (bytes: Uint8Array) => bytes.filter((byte, i) => !(byte === 3 && bytes[i - 1] === 0 && bytes[i - 2] === 0));

/** Exp-Golomb numbers (ITU-T H.264, 9.1); bits past the end are 1, so that reading always ends. */
function readerOf(bytes: Uint8Array): { bit(): number; number(): number } {
  let at = 0;
  const bit = () => {
    const byte = bytes[at >> 3] ?? 0xff;
    return (byte >> (7 - (at++ & 7))) & 1;
  };
  const number = () => {
    let zeros = 0;
    while (bit() === 0) zeros++;
    let value = 1;
    for (let i = 0; i < zeros; i++) value = value * 2 + bit();
    return value - 1;
  };
  return { bit, number };
}
