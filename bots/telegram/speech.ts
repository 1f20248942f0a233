import { type Api, InputFile } from 'grammy';
import type { InlineKeyboardMarkup, Message } from 'grammy/types';
import type { Attachment, SendOptions, Sent, Span, Video } from '../../core/chat.ts';
import type { Flood } from './flood.ts';
import { isFileUnknown, isMessageGone, isNotModified, isTopicGone, migratedTo } from './refusals.ts';
import { CAPTION_LIMIT, fileNameOf, fitsCaption, htmlOf, TEXT_LIMIT } from './reply.ts';

/** What it takes to say something. */
export interface Speech {
  api: Api;
  flood: Flood;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Target {
  chat: number;
  group: boolean;
  topic?: number | undefined;
  /** The message that is quoted, where it still exists. */
  replyTo?: number | undefined;
}

export interface Words {
  text: readonly Span[];
  keyboard?: InlineKeyboardMarkup | undefined;
}

type Kind = SendOptions['kind'];

/** A new message. News that is over the limit says nothing and gives back nothing. */
export async function say(speech: Speech, target: Target, { text, keyboard }: Words, kind: Kind): Promise<Sent> {
  if (!(await pass(speech, target, kind))) return {};
  const html = htmlOf(text, TEXT_LIMIT, speech.now());
  const message = await reaching(target, (at) =>
    speech.api.sendMessage(at.chat, html, {
      ...whereabouts(at),
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
      ...(keyboard && { reply_markup: keyboard }),
    }),
  );
  return sentAs(message);
}

/** Changes an earlier message; a message that is gone is left alone, and gives back nothing. */
export async function edit(
  speech: Speech,
  target: Target,
  message: number,
  { text, keyboard }: Words,
  kind: Kind,
): Promise<Sent> {
  if (!(await pass(speech, target, kind))) return {};
  const html = htmlOf(text, TEXT_LIMIT, speech.now());
  try {
    await reaching(target, (at) =>
      speech.api.editMessageText(at.chat, message, html, {
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
        ...(keyboard && { reply_markup: keyboard }),
      }),
    );
  } catch (error) {
    if (isMessageGone(error)) return {};
    if (!isNotModified(error)) throw error;
  }
  return { message: String(message) };
}

/** Shows a video natively: by Telegram's own handle where it is known and still good, by upload otherwise. */
export async function showVideo(speech: Speech, target: Target, video: Video, { text, keyboard }: Words): Promise<Sent> {
  const { uploadedAs } = video;
  if (uploadedAs) {
    await pass(speech, target, 'result');
    try {
      return await sendVideo(speech, target, video, uploadedAs, { text, keyboard });
    } catch (error) {
      if (!isFileUnknown(error)) throw error;
    }
  }
  const bytes = await video.read();
  await pass(speech, target, 'result');
  const thumbnail = new InputFile(bytes.poster, 'poster.jpg');
  return sendVideo(
    speech,
    target,
    video,
    new InputFile(bytes.video, fileNameOf(`${video.name.replace(/\.mp4$/i, '')}.mp4`)),
    { text, keyboard },
    thumbnail,
  );
}

async function sendVideo(
  speech: Speech,
  target: Target,
  { width, height, seconds }: Video,
  source: InputFile | string,
  { text, keyboard }: Words,
  thumbnail?: InputFile,
): Promise<Sent> {
  const caption = htmlOf(text, CAPTION_LIMIT, speech.now());
  const message = await reaching(target, (at) =>
    speech.api.sendVideo(at.chat, source, {
      ...whereabouts(at),
      width,
      height,
      duration: Math.round(seconds),
      supports_streaming: true,
      ...(thumbnail && { thumbnail }),
      ...(caption && { caption, parse_mode: 'HTML' as const }),
      ...(keyboard && { reply_markup: keyboard }),
    }),
  );
  return { ...sentAs(message), ...(message.video && { uploadedAs: message.video.file_id }) };
}

/** A file to keep, with its words below it or, where they are too long for that, in a message before it. Gives back the file's message. */
export async function showFile(speech: Speech, target: Target, file: Attachment, words: Words): Promise<Sent> {
  const data = await file.read();
  const fits = fitsCaption(words.text, speech.now());
  if (!fits) await say(speech, target, words, 'result');
  await pass(speech, target, 'result');
  const caption = fits ? htmlOf(words.text, CAPTION_LIMIT, speech.now()) : '';
  const message = await reaching(target, (at) =>
    speech.api.sendDocument(at.chat, new InputFile(data, fileNameOf(file.name)), {
      ...whereabouts(at),
      disable_content_type_detection: true,
      ...(caption && { caption, parse_mode: 'HTML' as const }),
      ...(fits && words.keyboard && { reply_markup: words.keyboard }),
    }),
  );
  return sentAs(message);
}

function pass({ flood }: Speech, { chat, group }: Target, kind: Kind): Promise<boolean> {
  return flood.pass(String(chat), group, kind);
}

/** Once more in the supergroup that a group became, and once more outside a topic that is gone. */
export async function reaching<T>(target: Target, call: (at: Target) => Promise<T>): Promise<T> {
  try {
    return await call(target);
  } catch (error) {
    const chat = migratedTo(error);
    if (chat !== undefined) return call({ chat, group: true });
    if (target.topic !== undefined && isTopicGone(error)) return call({ ...target, topic: undefined });
    throw error;
  }
}

/** Where in the chat a call writes. */
export function whereabouts({ topic, replyTo }: Target) {
  return {
    ...(topic !== undefined && { message_thread_id: topic }),
    ...(replyTo !== undefined && { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
  };
}

/** A video for a large group comes back with message_id 0 while Telegram converts it: that names no message. */
export function sentAs({ message_id }: Message): Sent {
  return message_id > 0 ? { message: String(message_id) } : {};
}
