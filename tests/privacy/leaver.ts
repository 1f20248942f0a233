import type { Canaries } from './canaries.ts';
import { count, isVideo } from './chat.ts';
import { makePicture } from './pictures.ts';
import type { Platforms } from './platforms.ts';
import { addMail, agreeTo, buyWithStars, correctName, deleteNewest, link, showNewest, takeAway } from './rights.ts';

// Three people: one who will leave, on both platforms; one who keeps asking for videos meanwhile; one who keeps quiet.

/** What the leaver has when all of this is told, besides what is being made. */
export const SEEDED = { videos: 3, pictures: 1, prompts: 3, gallery: 1, archives: 2 };

export async function seed(platforms: Platforms, canaries: Canaries): Promise<void> {
  await Promise.all([seedLeaver(platforms, canaries), seedBusy(platforms, canaries), seedQuiet(platforms, canaries)]);
}

async function seedLeaver({ ann, direct, mail }: Platforms, { word }: Canaries): Promise<void> {
  await link(ann, direct);
  await buyWithStars(ann);
  const picture = await makePicture('jpeg', { width: 320, height: 240, words: word('LeaverExif') });
  ann.say(`a ship ${word('LeaverPrompt')} seconds=2`);
  ann.sendPicture({ name: `${word('LeaverFile')}.jpg`, data: picture }, `${word('LeaverCaption')} seconds=2`);
  direct.command('generate', { prompt: `a whale ${word('LeaverDirect')}`, seconds: 2 });
  await Promise.all([count(ann, isVideo, 2), count(direct, isVideo, 1)]);
  ann.say(`a boat ${word('LeaverDoomed')} seconds=2`);
  await count(ann, isVideo, 3);
  const inTelegram = async () => {
    await deleteNewest(ann);
    await correctName(ann, word('LeaverName'));
    await agreeTo(ann, 'News');
    await showNewest(ann);
  };
  const inDiscord = async () => {
    await addMail(direct, mail, `${word('LeaverMail')}@example.com`);
    await agreeTo(direct, 'Quality review');
  };
  await Promise.all([inTelegram(), inDiscord()]);
  // A deletion takes exports along, which hold what is deleted.
  await Promise.all([takeAway(ann, 'all'), takeAway(direct, 'data')]);
}

async function seedBusy({ bob }: Platforms, { word }: Canaries): Promise<void> {
  const picture = await makePicture('jpeg', { width: 320, height: 240, words: word('BusyExif') });
  bob.sendPicture({ name: `${word('BusyFile')}.jpg`, data: picture }, `${word('BusyCaption')} seconds=2`);
  await count(bob, isVideo, 1);
  await agreeTo(bob, 'News');
}

async function seedQuiet({ eve, mail }: Platforms, { word }: Canaries): Promise<void> {
  eve.say(`a tree ${word('QuietPrompt')} seconds=2`);
  await count(eve, isVideo, 1);
  await correctName(eve, word('QuietName'));
  await addMail(eve, mail, `${word('QuietMail')}@example.com`);
  await showNewest(eve);
  await takeAway(eve, 'data');
}
