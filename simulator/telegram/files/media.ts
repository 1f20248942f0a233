import type { PhotoSize } from '@grammyjs/types';
import type { Fields, SentFile } from '../calls/fields.ts';
import { text, whole } from '../calls/fields.ts';
import { badRequest } from '../calls/refusal.ts';
import { measure, type PictureSize } from './pictures.ts';
import type { Files, MediaContent, MediaKind, StoredFile } from './store.ts';

/** Bytes. */
export const PHOTO_LIMIT = 10 * 1024 * 1024;
const THUMBNAIL_LIMIT = 200 * 1024;
const THUMBNAIL_SIDE = 320;
const PHOTO_SIDES = 10_000;
const PHOTO_RATIO = 20;
/** Longest sides of the sizes in which Telegram offers a photo. */
const SIZES = [90, 320, 800, 1280];

/**
 * The media a call sends: an upload (`attach://part`) is stored, a file_id is sent again as it is.
 * `fields` are those of sendVideo and its like, or an InputMedia object, whose `media` is then the source.
 */
export function readMedia(store: Files, kind: MediaKind, fields: Fields, files: Map<string, SentFile>): MediaContent {
  const source = text(fields, kind) ?? text(fields, 'media') ?? '';
  const upload = files.get(kind) ?? attached(source, files);
  if (!upload) return sentAgain(store, kind, source);
  if (upload.data.length === 0) throw badRequest('file must be non-empty');
  if (kind === 'photo') return storePhoto(store, upload, 'PHOTO_INVALID_DIMENSIONS');
  const file = store.store(kind, upload);
  const thumbnail = readThumbnail(store, fields, files);
  const { file_id, file_unique_id, name, mime, data } = file;
  const ids = { file_id, file_unique_id };
  const about = { file_name: name, mime_type: mime, file_size: data.length, ...(thumbnail && { thumbnail }) };
  const [width, height, duration] = [whole(fields, 'width') ?? 0, whole(fields, 'height') ?? 0, whole(fields, 'duration') ?? 0];
  const cover = kind === 'video' ? readCover(store, fields, files) : undefined;
  if (kind === 'document') file.content = { document: { ...ids, ...about } };
  else if (kind === 'video') file.content = { video: { ...ids, width, height, duration, ...about, ...(cover && { cover }) } };
  else file.content = { animation: { ...ids, width, height, duration, ...about }, document: { ...ids, ...about } };
  return file.content;
}

/** Stores a photo in all its sizes. The bytes stay as they are: the simulator does not scale. */
export function storePhoto(store: Files, upload: SentFile, refusal: string): { photo: PhotoSize[] } {
  const size = measure(upload.data);
  if (upload.data.length > PHOTO_LIMIT) {
    throw badRequest(`file of size ${upload.data.length} bytes is too big for a photo; the maximum size is ${PHOTO_LIMIT} bytes`);
  }
  if (!size) throw badRequest('IMAGE_PROCESS_FAILED');
  if (!fitsPhoto(size)) throw badRequest(refusal);
  const longest = Math.max(size.width, size.height);
  const sides = [...SIZES.filter((side) => side < longest), Math.min(longest, 2560)];
  const original = store.store('photo', upload);
  const stored = sides.map((side) => (side === sides.at(-1) ? original : store.alias(original)));
  const content = { photo: stored.map((file, index) => photoSize(file, scale(size, (sides[index] ?? longest) / longest))) };
  for (const file of stored) file.content = content;
  return content;
}

export const fitsPhoto = ({ width, height }: PictureSize): boolean =>
  width + height <= PHOTO_SIDES && Math.max(width, height) <= PHOTO_RATIO * Math.min(width, height);

const scale = ({ width, height }: PictureSize, by: number) => ({
  width: Math.max(1, Math.round(width * by)),
  height: Math.max(1, Math.round(height * by)),
});

function photoSize(file: StoredFile, { width, height }: { width: number; height: number }): PhotoSize {
  const { file_id, file_unique_id, data } = file;
  return { file_id, file_unique_id, width, height, file_size: data.length };
}

/** Fails loudly: a client library can lose a part without saying so. */
function attached(source: string, files: Map<string, SentFile>): SentFile | undefined {
  const part = /^attach:\/\/(.*)$/s.exec(source)?.[1];
  if (part === undefined) return undefined;
  const file = files.get(part);
  if (!file) throw badRequest(`wrong file identifier/HTTP URL specified (the request has no part "${part}")`);
  return file;
}

function sentAgain(store: Files, kind: MediaKind, source: string): MediaContent {
  if (source === '') throw badRequest(`there is no ${kind} in the request`);
  if (/^https?:/.test(source)) throw badRequest('failed to get HTTP URL content');
  const file = store.byId(source);
  if (!file?.content) throw badRequest('wrong file identifier/HTTP URL specified');
  if (file.kind !== kind) throw badRequest(`can't use file of type ${title(file.kind)} as ${title(kind)}`);
  return file.content;
}

const title = (kind: string) => kind.charAt(0).toUpperCase() + kind.slice(1);

/** The real server drops a bad thumbnail in silence; here it is refused. */
function readThumbnail(store: Files, fields: Fields, files: Map<string, SentFile>): PhotoSize | undefined {
  const source = text(fields, 'thumbnail');
  const upload = files.get('thumbnail') ?? (source === undefined ? undefined : attached(source, files));
  if (source !== undefined && !upload) throw badRequest('thumbnail must be uploaded as InputFile');
  if (!upload) return undefined;
  const size = measure(upload.data);
  if (size?.format !== 'jpeg') throw badRequest('thumbnail must be a JPEG');
  if (upload.data.length >= THUMBNAIL_LIMIT) {
    throw badRequest(
      `file of size ${upload.data.length} bytes is too big for a thumbnail; the maximum size is ${THUMBNAIL_LIMIT - 1} bytes`,
    );
  }
  if (Math.max(size.width, size.height) > THUMBNAIL_SIDE) throw badRequest(`thumbnail is larger than ${THUMBNAIL_SIDE} pixels`);
  return photoSize(store.store('thumbnail', upload), size);
}

function readCover(store: Files, fields: Fields, files: Map<string, SentFile>): PhotoSize[] | undefined {
  const source = text(fields, 'cover');
  if (source === undefined) return undefined;
  const upload = attached(source, files);
  if (upload) return storePhoto(store, upload, 'PHOTO_INVALID_DIMENSIONS').photo;
  const content = sentAgain(store, 'photo', source);
  return 'photo' in content ? content.photo : undefined;
}
