import { KEYS, type Sealed } from '../../models/key.ts';
import { derive } from './derive.ts';
import { seal, unseal } from './seal.ts';

/** The present master key (the key-encryption key), and earlier ones that may still open. 32 bytes each. */
export interface Keks {
  kek: Buffer;
  oldKeks?: readonly Buffer[];
}

/** What a stored key says of its wrapping. */
export interface Wrapped {
  kekId: string;
  wrapped: Sealed;
}

/** Something stored is wrapped by a master key that was not given. Its message is for the operator and holds no secret. */
export class MasterKeyMissing extends Error {
  constructor(needed: string, given: readonly string[]) {
    super(
      `A stored key is wrapped by master key ${needed}, and this start was given ${given.join(', ')}. Put the earlier key into ` +
        'MASTER_KEY_OLD, or restore the lost one from its backup (docs/operations.md). Nothing was changed.',
    );
    this.name = 'MasterKeyMissing';
  }
}

export type MasterKeys = ReturnType<typeof createMasterKeys>;

/** What an account's wrapped data key is bound to. */
export const placeOfKey = (keyId: string): readonly string[] => [KEYS, keyId, 'wrapped'];

/** Says which master key it is and tells nothing about it. */
const idOf = (kek: Buffer): string => derive(kek, 'id').toString('base64url', 0, 9);

/** Wraps with the present master key and unwraps with whichever is named. */
export function createMasterKeys({ kek, oldKeks = [] }: Keks) {
  const kekId = idOf(kek);
  const wrapping = new Map([...oldKeks, kek].map((key) => [idOf(key), derive(key, 'wrap')]));

  const keyOf = (id: string): Buffer => {
    const key = wrapping.get(id);
    if (!key) throw new MasterKeyMissing(id, [kekId, ...[...wrapping.keys()].filter((other) => other !== kekId)]);
    return key;
  };

  return {
    /** The present one. */
    kekId,

    has: (id: string): boolean => wrapping.has(id),

    /** `place` is what the wrapped key is bound to: collection, id and so on. */
    wrap(place: readonly string[], version: number, key: Buffer): Wrapped {
      return { kekId, wrapped: seal(keyOf(kekId), version, [...place, kekId], key) };
    },

    /** Throws MasterKeyMissing for an unknown master key, Unreadable for what was changed or moved. */
    unwrap(place: readonly string[], version: number, document: Wrapped): Buffer {
      return unseal(keyOf(document.kekId), version, [...place, document.kekId], document.wrapped);
    },
  };
}
