import { type Connection, Schema } from 'mongoose';

export const DEPARTURES = 'departures';

/** That somebody who has left had their welcome credits. A keyed hash of the identity under another name than the account's, and nothing else. */
export interface DepartureDocument {
  _id: string;
  forgetAt: Date;
}

export const departureSchema = new Schema<DepartureDocument>(
  { _id: { type: String, required: true }, forgetAt: { type: Date, required: true } },
  { collection: DEPARTURES, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
).index({ forgetAt: 1 }, { expireAfterSeconds: 0 });

export const departures = (connection: Connection) => connection.model<DepartureDocument>('Departure', departureSchema);
