/** Says inside an MP4 what made it: an XMP packet in a `uuid` box at the end of the file, so that no offset changes. */
import { boxesOf } from './boxes.ts';

export type Origin = 'local' | 'localFromImage' | 'provider' | 'providerFromImage';

export interface Mark {
  /** An address of the IPTC list of digital source types. */
  sourceType: string;
  description: string;
}

// https://cv.iptc.org/newscodes/digitalsourcetype/
const IPTC = 'http://cv.iptc.org/newscodes/digitalsourcetype/';

const MARKS: Readonly<Record<Origin, Mark>> = {
  local: { sourceType: `${IPTC}algorithmicMedia`, description: 'Procedural preview, no AI model was used' },
  localFromImage: {
    sourceType: `${IPTC}compositeSynthetic`,
    description: 'Procedural animation of a picture, no AI model was used',
  },
  provider: { sourceType: `${IPTC}trainedAlgorithmicMedia`, description: 'AI-generated video' },
  providerFromImage: {
    sourceType: `${IPTC}compositeWithTrainedAlgorithmicMedia`,
    description: 'AI-generated video from a picture',
  },
};

/** Adobe's XMP specification, part 3: the box's identifier. */
const XMP = Buffer.from('be7acfcb97a942e89c71999491e3afac', 'hex');
const TOOL = 'LPM AI';

/** The video with our mark; one that stood at its end is replaced. */
export function markVideo(video: Buffer, origin: Origin): Buffer {
  return withMark(video, MARKS[origin]);
}

/** The mark at the end of the video, undefined where there is none of ours. */
export function readMark(video: Buffer): Mark | undefined {
  const packet = markBox(video)?.toString('utf8') ?? '';
  const sourceType = /Iptc4xmpExt:DigitalSourceType="([^"]*)"/.exec(packet)?.[1];
  const description = /<rdf:li xml:lang="x-default">([^<]*)</.exec(packet)?.[1];
  return sourceType === undefined || description === undefined ? undefined : { sourceType, description };
}

/** Copies the mark of one video to another that was made from it; without one the copy stays as it is. */
export function copyMark(from: Buffer, to: Buffer): Buffer {
  const mark = readMark(from);
  return mark ? withMark(to, mark) : to;
}

function withMark(video: Buffer, { sourceType, description }: Mark): Buffer {
  const packet = Buffer.from(`<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about=""
      xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
      xmlns:xmp="http://ns.adobe.com/xap/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"
      Iptc4xmpExt:DigitalSourceType="${sourceType}"
      xmp:CreatorTool="${TOOL}">
      <dc:description><rdf:Alt><rdf:li xml:lang="x-default">${description}</rdf:li></rdf:Alt></dc:description>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>`);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + XMP.length + packet.length, 0);
  header.write('uuid', 4);
  const old = markBox(video)?.length ?? 0;
  return Buffer.concat([video.subarray(0, video.length - old), header, XMP, packet]);
}

function markBox(video: Buffer): Buffer | undefined {
  const last = boxesOf(video).at(-1);
  if (last?.type !== 'uuid' || !video.subarray(last.at + 8, last.at + 24).equals(XMP)) return undefined;
  const box = video.subarray(last.at, last.at + last.size);
  return box.includes(`xmp:CreatorTool="${TOOL}"`) ? box : undefined;
}
