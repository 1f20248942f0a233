import { type Connection, Schema } from 'mongoose';

export const GALLERY_ITEMS = 'galleryitems';

/** A video that its maker has put into the public gallery: a copy under a name of its own. It is seen in state `shown` only. */
export interface GalleryItemDocument {
  /** 22 random letters: the address. Says nothing of the generation or the person. */
  _id: string;
  accountId: string;
  generation: string;
  /** The row of the consent ledger that it rests on. */
  consent: string;
  state: 'copying' | 'shown' | 'leaving';
  seconds: number;
  width: number;
  height: number;
  /** Bytes. */
  size: number;
  createdAt: Date;
  shownAt?: Date;
  dueAt?: Date;
}

const text = { type: String, required: true } as const;
const size = { type: Number, required: true } as const;

export const galleryItemSchema = new Schema<GalleryItemDocument>(
  {
    _id: text,
    accountId: text,
    generation: text,
    consent: text,
    state: { ...text, enum: ['copying', 'shown', 'leaving'] },
    seconds: size,
    width: size,
    height: size,
    size,
    createdAt: { type: Date, required: true },
    shownAt: Date,
    dueAt: Date,
  },
  { collection: GALLERY_ITEMS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
)
  .index({ generation: 1 }, { unique: true })
  .index({ accountId: 1 })
  .index({ state: 1, shownAt: -1 })
  .index({ dueAt: 1 }, { sparse: true });

export const galleryItems = (connection: Connection) => connection.model<GalleryItemDocument>('GalleryItem', galleryItemSchema);
