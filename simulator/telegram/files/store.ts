import type { Animation, Document, PhotoSize, Video } from '@grammyjs/types';
import type { SentFile } from '../calls/fields.ts';
import { badRequest } from '../calls/refusal.ts';
import { type Ids, secret } from '../ids.ts';
import { mimeOf } from './pictures.ts';

export type MediaKind = 'photo' | 'video' | 'animation' | 'document';

/** How a message holds a file; kept with the file, so that sending it again by file_id says the same. */
export type MediaContent =
  | { photo: PhotoSize[] }
  | { video: Video }
  | { animation: Animation; document: Document }
  | { document: Document };

export interface StoredFile {
  file_id: string;
  file_unique_id: string;
  kind: MediaKind | 'thumbnail';
  /** Under /file/bot<token>/. */
  path: string;
  /** Under /view/, where the person's side can see it. */
  view: string;
  name: string;
  mime: string;
  data: Buffer;
  content: MediaContent | undefined;
}

export interface Files {
  store(kind: StoredFile['kind'], file: SentFile): StoredFile;
  /** Another file_id of the same bytes, as every size of a photo has. */
  alias(file: StoredFile): StoredFile;
  byId(fileId: string): StoredFile | undefined;
  byPath(path: string): StoredFile | undefined;
  byView(view: string): StoredFile | undefined;
  /** Answers getFile; refuses files above `limit` bytes. */
  describe(
    fileId: string | undefined,
    limit: number,
  ): { file_id: string; file_unique_id: string; file_size: number; file_path: string };
}

const ENDING: Record<string, string> = { photo: 'jpg', thumbnail: 'jpg', video: 'mp4', animation: 'mp4' };

export function createFiles(ids: Ids): Files {
  const files = new Map<string, StoredFile>();
  const paths = new Map<string, StoredFile>();
  const views = new Map<string, StoredFile>();
  function keep(file: StoredFile): StoredFile {
    files.set(file.file_id, file);
    paths.set(file.path, file);
    views.set(file.view, file);
    return file;
  }
  const fresh = () => ({ file_id: ids.word(48), file_unique_id: ids.word(9) });
  return {
    store(kind, { name, data }) {
      const ending = ENDING[kind] ?? /\.(\w{1,8})$/.exec(name)?.[1] ?? 'bin';
      const path = `${kind}s/file_${paths.size}.${ending}`;
      const mime = kind === 'photo' || kind === 'thumbnail' ? 'image/jpeg' : kind === 'document' ? mimeOf(name) : 'video/mp4';
      return keep({ ...fresh(), kind, path, view: secret(), name: name || `file.${ending}`, mime, data, content: undefined });
    },
    alias: (file) => keep({ ...file, ...fresh(), view: secret(), path: file.path.replace(/(\.\w+)$/, `_${files.size}$1`) }),
    byId: (fileId) => files.get(fileId),
    byPath: (path) => paths.get(path),
    byView: (view) => views.get(view),
    describe(fileId, limit) {
      const file = files.get(fileId ?? '');
      if (!file) throw badRequest(fileId ? 'invalid file_id' : 'file_id not specified');
      if (file.data.length > limit) throw badRequest('file is too big');
      const { file_id, file_unique_id, path, data } = file;
      return { file_id, file_unique_id, file_size: data.length, file_path: path };
    },
  };
}
