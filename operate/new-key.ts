import { newMasterKey } from '../core/keys.ts';

/** A new master key for MASTER_KEY; with MASTER_KEY_KMS, what KMS encrypted of one. Needs no running product and changes nothing. */
export async function newKey(env: NodeJS.ProcessEnv): Promise<string[]> {
  const settings = { MASTER_KEY_KMS: env.MASTER_KEY_KMS?.trim(), KMS_API: env.KMS_API?.trim() || undefined };
  return [await newMasterKey(settings)];
}
