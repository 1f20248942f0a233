import type { App } from '../../app.ts';
import type { Place } from '../../chat.ts';
import type { Way } from '../../texts/archives.ts';
import { endDownloads, offerDownload } from '../downloads.ts';
import { ARCHIVE_CONTEXT, type Archive, keysOfArchive, objectKey } from './archive.ts';

/** Largest files in bytes, less than the platforms take: the words around a file count too. */
const TELEGRAM_LIMIT = 49_500_000;
const DISCORD_LIMIT = 10 * 1024 * 1024;
const DISCORD_MARGIN = 64 * 1024;
/** So long the answer to an interaction carries what the person may upload; afterwards it is a direct message. */
const INTERACTION_MS = 14 * 60_000;

/** As a file where that fits, else by a link that asks for a code, where there are pages. The link before does nothing any more. */
export async function wayOf(app: App, archive: Archive, place: Place): Promise<Way> {
  const { _id, accountId, keyId, object = '', size = 0, expiresAt } = archive;
  if (size <= fileLimitOf(place, archive.tries, app.now())) {
    const read = async () => {
      const { objectsKey } = await keysOfArchive(app, archive);
      return Buffer.concat(await (await app.storage.read(objectKey(object), objectsKey, ARCHIVE_CONTEXT)).toArray());
    };
    return { file: { name: fileNameOf(archive), type: 'application/zip', size, read } };
  }
  // A repeat shows a new code, and only the last one shown opens.
  await endDownloads(app, [accountId], _id);
  const at = app.now();
  const offered = await offerDownload(app, {
    accountId,
    keyId,
    what: 'archive',
    target: _id,
    livesMs: expiresAt.getTime() - at,
    at,
  });
  return offered ?? 'too large';
}

const fileNameOf = ({ createdAt, content }: Archive): string =>
  `lpm-ai-${content === 'all' ? 'export' : 'data'}-${createdAt.toISOString().slice(0, 10)}.zip`;

/** A place may take less than its interaction promised: from the second try on, what always fits. */
function fileLimitOf(place: Place, tries: number, at: number): number {
  if (place.platform === 'telegram') return TELEGRAM_LIMIT;
  const isAlive = at - place.interaction.at < INTERACTION_MS;
  return (tries === 0 && isAlive ? place.fileLimit : Math.min(place.fileLimit, DISCORD_LIMIT)) - DISCORD_MARGIN;
}
