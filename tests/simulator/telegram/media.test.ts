import { InputFile, InputMediaBuilder } from 'grammy';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../support/telegram-schema.ts';
import { mp4, refusal, scene } from './setup.ts';

const picture = (width: number, height: number, format: 'jpeg' | 'png' | 'webp' = 'jpeg') =>
  sharp({ create: { width, height, channels: 3, background: '#7a5' } })
    .toFormat(format)
    .toBuffer();

let poster: Buffer;
beforeAll(async () => {
  poster = await picture(320, 180);
});

const video = (name = 'fox.mp4') => new InputFile(mp4, name);
const shape = { width: 640, height: 360, duration: 3, supports_streaming: true };

describe('media in the simulated Bot API', () => {
  it('are uploaded, downloaded, sent again by file_id, and played in pieces', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person();
    person.say('hello');
    const sent = await api.sendVideo(person.chat, video(), {
      ...shape,
      thumbnail: new InputFile(poster, 'poster.jpg'),
      caption: '<i>a fox</i>',
      parse_mode: 'HTML',
    });
    expect(sent.video).toMatchObject({
      width: 640,
      height: 360,
      duration: 3,
      file_name: 'fox.mp4',
      mime_type: 'video/mp4',
      file_size: mp4.length,
    });
    expect(sent.video.thumbnail).toMatchObject({ width: 320, height: 180 });
    const again = await api.sendVideo(person.chat, sent.video.file_id);
    expect(again.video).toEqual(sent.video);
    expect(telegram.calls.at(-1)?.files).toEqual([]);

    const { file_path } = await api.getFile(sent.video.file_id);
    const download = await fetch(`${telegram.url}/file/bot${telegram.token}/${file_path}`);
    expect(Buffer.from(await download.arrayBuffer())).toEqual(mp4);
    expect((await fetch(`${telegram.url}/file/bot1:wrong/${file_path}`)).status).toBe(401);

    const [file] = person.messages().at(-1)?.files ?? [];
    expect(file).toMatchObject({ kind: 'video', name: 'fox.mp4', size: mp4.length });
    const piece = await fetch(file?.url ?? '', { headers: { range: 'bytes=4-7' } });
    expect([piece.status, piece.headers.get('content-range'), await piece.text()]).toEqual([
      206,
      `bytes 4-7/${mp4.length}`,
      'ftyp',
    ]);
    const tail = await fetch(file?.url ?? '', { headers: { range: 'bytes=-2' } });
    expect(Buffer.from(await tail.arrayBuffer())).toEqual(mp4.subarray(-2));
    expect((await fetch(file?.url ?? '', { headers: { range: `bytes=${mp4.length}-` } })).status).toBe(416);
    expect(person.messages()[1]).toMatchObject({ html: '<i>a fox</i>', text: 'a fox' });
    expect(complaints).toEqual([]);
  });

  it('take the place of a text, and of other media', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person();
    person.say('hello');
    const { message_id } = await api.sendMessage(person.chat, 'working');
    await api.editMessageMedia(person.chat, message_id, InputMediaBuilder.video(video(), { ...shape, caption: 'done' }));
    expect(person.messages().at(-1)).toMatchObject({
      id: String(message_id),
      text: 'done',
      edited: true,
      files: [{ kind: 'video' }],
    });
    await api.editMessageCaption(person.chat, message_id, { caption: 'really done' });
    expect(person.messages().at(-1)).toMatchObject({ text: 'really done', files: [{ kind: 'video' }] });
    await api.editMessageMedia(person.chat, message_id, InputMediaBuilder.photo(new InputFile(poster, 'p.jpg')));
    expect(person.messages().at(-1)).toMatchObject({ text: '', files: [{ kind: 'image' }] });
    expect(await refusal(api.editMessageText(person.chat, message_id, 'x'))).toBe(
      '400 Bad Request: there is no text in the message to edit',
    );
    expect(complaints).toEqual([]);
  });

  it('are photos, animations and documents too', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person();
    person.say('hello');
    const { photo } = await api.sendPhoto(person.chat, new InputFile(await picture(1600, 900), 'p.jpg'));
    expect(photo.map(({ width, height }) => `${width}x${height}`)).toEqual([
      '90x51',
      '320x180',
      '800x450',
      '1280x720',
      '1600x900',
    ]);
    const { animation } = await api.sendAnimation(person.chat, video('a.mp4'), { width: 640, height: 360, duration: 3 });
    expect(animation).toMatchObject({ width: 640, duration: 3 });
    const { document } = await api.sendDocument(person.chat, new InputFile(Buffer.from('{}'), 'data.json'));
    expect(document).toMatchObject({ file_name: 'data.json', mime_type: 'application/json', file_size: 2 });
    const covered = await api.sendVideo(person.chat, video(), { ...shape, cover: new InputFile(poster, 'c.jpg') });
    expect(covered.video.cover?.at(-1)).toMatchObject({ width: 320 });
    const smaller = await api.getFile(photo[0]?.file_id ?? '');
    expect((await fetch(`${telegram.url}/file/bot${telegram.token}/${smaller.file_path}`)).status).toBe(200);
    expect(complaints).toEqual([]);
  });

  it('are refused when empty, missing, of the wrong kind or misshapen', async () => {
    const { telegram, api } = await scene();
    const person = telegram.person();
    person.say('hello');
    const { chat } = person;
    const sent = await api.sendVideo(chat, video(), shape);
    expect(await refusal(api.sendVideo(chat, new InputFile(Buffer.alloc(0), 'a.mp4')))).toBe(
      '400 Bad Request: file must be non-empty',
    );
    expect(await refusal(api.sendVideo(chat, 'nonsense'))).toBe('400 Bad Request: wrong file identifier/HTTP URL specified');
    expect(await refusal(api.sendPhoto(chat, sent.video.file_id))).toBe("400 Bad Request: can't use file of type Video as Photo");
    expect(await refusal(api.sendVideo(chat, ''))).toBe('400 Bad Request: there is no video in the request');
    expect(await refusal(api.sendPhoto(chat, new InputFile(mp4, 'p.jpg')))).toBe('400 Bad Request: IMAGE_PROCESS_FAILED');
    const ribbon = new InputFile(await picture(2100, 100, 'png'), 'p.png');
    expect(await refusal(api.sendPhoto(chat, ribbon))).toBe('400 Bad Request: PHOTO_INVALID_DIMENSIONS');
    const longest = limits['sendVideo.caption']?.max ?? 0;
    expect(await refusal(api.sendVideo(chat, sent.video.file_id, { caption: 'x'.repeat(longest) }))).toBe('accepted');
    expect(await refusal(api.sendVideo(chat, sent.video.file_id, { caption: 'x'.repeat(longest + 1) }))).toBe(
      '400 Bad Request: message caption is too long',
    );
  });

  it('have thumbnails that are small JPEGs', async () => {
    const { telegram, api } = await scene();
    const person = telegram.person();
    person.say('hello');
    const withThumbnail = (data: Buffer) =>
      refusal(api.sendVideo(person.chat, video(), { ...shape, thumbnail: new InputFile(data, 't.jpg') }));
    expect(await withThumbnail(poster)).toBe('accepted');
    expect(await withThumbnail(await picture(320, 180, 'png'))).toBe('400 Bad Request: thumbnail must be a JPEG');
    expect(await withThumbnail(await picture(322, 180))).toBe('400 Bad Request: thumbnail is larger than 320 pixels');
    const heavy = Buffer.concat([poster, Buffer.alloc(200 * 1024)]);
    expect(await withThumbnail(heavy)).toContain('is too big for a thumbnail');
  });

  it('fail loudly when a client loses the part it names', async () => {
    const { telegram, api } = await scene();
    const person = telegram.person();
    person.say('hello');
    for (const name of ['a b.mp4', 'vidéo.mp4', 'semi;colon.mp4']) {
      const answer = await refusal(api.sendVideo(person.chat, video(name), shape));
      if (answer !== 'accepted') expect(answer).toMatch(/^400 Bad Request: wrong file identifier.* no part "/);
    }
    const lost = await refusal(api.sendVideo(person.chat, 'attach://nothing'));
    expect(lost).toBe('400 Bad Request: wrong file identifier/HTTP URL specified (the request has no part "nothing")');
    expect(await refusal(api.sendVideo(person.chat, video('a b.mp4'), shape))).toContain('no part "');
  });

  it('keep to the limits of up- and download', async () => {
    const { telegram, api } = await scene();
    expect([telegram.uploadLimit, telegram.downloadLimit]).toEqual([50 * 1024 * 1024, 20 * 1024 * 1024]);
    telegram.uploadLimit = 4000;
    telegram.downloadLimit = 3500;
    const person = telegram.person();
    person.say('hello');
    const file = (size: number) => new InputFile(Buffer.alloc(size, 1), 'a.mp4');
    expect(await refusal(api.sendVideo(person.chat, file(4001), shape))).toBe('413 Request Entity Too Large');
    const small = await api.sendVideo(person.chat, file(3500), shape);
    expect((await api.getFile(small.video.file_id)).file_size).toBe(3500);
    const large = await api.sendVideo(person.chat, file(3999), shape);
    expect(await refusal(api.getFile(large.video.file_id))).toBe('400 Bad Request: file is too big');
    expect(await refusal(api.getFile('nonsense'))).toBe('400 Bad Request: invalid file_id');
  });

  it('come back with message_id 0 in large groups, and can be seen there', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person({ group: { id: -100500, title: 'Large' } });
    telegram.largeGroups.add(person.chat);
    const sent = await api.sendVideo(person.chat, video(), shape);
    expect(sent.message_id).toBe(0);
    expect(person.messages()).toMatchObject([{ files: [{ kind: 'video' }] }]);
    expect(await refusal(api.editMessageCaption(person.chat, 0, { caption: 'x' }))).toBe(
      '400 Bad Request: message to edit not found',
    );
    expect((await api.sendMessage(person.chat, 'text')).message_id).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });
});
