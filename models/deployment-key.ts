import { type Connection, Schema } from 'mongoose';
import type { Sealed } from './key.ts';

export const DEPLOYMENT_KEYS = 'deploymentkeys';

export const DEPLOYMENT_KEY_NAMES = ['index', 'inbox', 'gallery', 'journal', 'receipts'] as const;
export type DeploymentKeyName = (typeof DEPLOYMENT_KEY_NAMES)[number];

/** A key of the whole deployment, wrapped by the master key like an account's: changing the master key wraps it anew and changes nothing else. */
export interface DeploymentKeyDocument {
  _id: DeploymentKeyName;
  /** Which master key wraps it. */
  kekId: string;
  wrapped: Sealed;
  createdAt: Date;
}

const text = { type: String, required: true } as const;

export const deploymentKeySchema = new Schema<DeploymentKeyDocument>(
  { _id: { ...text, enum: DEPLOYMENT_KEY_NAMES }, kekId: text, wrapped: text, createdAt: { type: Date, required: true } },
  { collection: DEPLOYMENT_KEYS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
);

export const deploymentKeys = (connection: Connection) =>
  connection.model<DeploymentKeyDocument>('DeploymentKey', deploymentKeySchema);
