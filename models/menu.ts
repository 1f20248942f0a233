import { type Connection, Schema } from 'mongoose';

/** The fingerprint of the command menu that a platform was last given. */
export interface MenuDocument {
  _id: string;
  fingerprint: string;
}

const text = { type: String, required: true } as const;

export const menuSchema = new Schema<MenuDocument>(
  { _id: text, fingerprint: text },
  { collection: 'menus', versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
);

export const menus = (connection: Connection) => connection.model<MenuDocument>('Menu', menuSchema);
