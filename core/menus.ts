import type { Models } from '../models/index.ts';

/** Which command menus each platform has been given, so that they are sent only when they changed. */
export interface Menus {
  /** The fingerprint last registered under this name, undefined before the first time. */
  registered(name: string): Promise<string | undefined>;
  register(name: string, fingerprint: string): Promise<void>;
}

export function createMenus({ menus }: Pick<Models, 'menus'>): Menus {
  return {
    async registered(name) {
      return (await menus.findById(name).lean())?.fingerprint;
    },
    async register(name, fingerprint) {
      await menus.updateOne({ _id: name }, { $set: { fingerprint } }, { upsert: true });
    },
  };
}
