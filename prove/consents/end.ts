import type { App } from '../../core/app.ts';
import { brokenConsents } from '../../core/privacy/consents.ts';
import { CONSENTS, type ConsentDocument } from '../../models/consent.ts';
import { GALLERY_ITEMS, type GalleryItemDocument } from '../../models/gallery-item.ts';
import type { Acts } from './acts.ts';
import { Violation } from './oracle.ts';
import type { Person } from './stage.ts';

/** What must hold for all these people when their traces are over and the workers have come to their end. */
export async function judgeEnd(app: App, acts: Acts, people: readonly Person[]): Promise<void> {
  const ofThem = { accountId: { $in: people.map(({ accountId }) => accountId) } };
  const items = app.connection.collection<GalleryItemDocument>(GALLERY_ITEMS);
  for (const { _id } of await items.find(ofThem).toArray()) await acts.work(app, _id);
  const left = await items.findOne(ofThem);
  if (left) throw new Violation(`a withdrawn video of ${left.accountId} is still in the gallery`);
  const rows = app.connection.collection<ConsentDocument>(CONSENTS).find(ofThem);
  const [broken] = brokenConsents(await rows.toArray());
  if (broken) throw new Violation(`the chain is broken: ${broken}`);
}
