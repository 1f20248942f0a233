import { createDiscordSimulator } from '../simulator/discord/index.ts';
import { createTelegramSimulator } from '../simulator/telegram/index.ts';
import { createSightings, type Mark, type PlatformName, type Sighting } from './sightings.ts';

/** A Discord and a Telegram with people in them, for one bot. */
export interface Stage {
  /** The settings with which a bot finds both platforms. */
  access: Record<string, string>;
  /** Everybody on this platform asks for another video at the same moment. */
  askAll(platform: PlatformName, about: string): void;
  /** Resolves when the last of them has seen that. */
  allAre(what: Mark): Promise<readonly Sighting[]>;
  /** How often a platform answered that it is being asked too much (429). */
  refusals(): number;
  close(): Promise<void>;
}

const PATIENCE_MS = 20_000;
const SUBJECTS = ['a fox', 'a lonely ship', 'two moons', 'an old train', 'a paper kite', 'a red fish', 'a tall tower'];

/** Opens both simulators with so many people on each. */
export async function openStage(people: number): Promise<Stage> {
  const sightings = createSightings();
  const discord = await createDiscordSimulator({ onTraffic: sightings.discord });
  const telegram = await createTelegramSimulator({ onTraffic: sightings.telegram });
  telegram.strict = true;
  const pairs = Array.from({ length: people }, (_, index) => ({
    inDiscord: discord.person({ name: `Person ${index + 1}` }),
    inTelegram: telegram.person({ firstName: `Person ${index + 1}`, acquainted: true }),
  }));

  return {
    access: {
      DISCORD_TOKEN: discord.token,
      DISCORD_API: discord.api,
      TELEGRAM_TOKEN: telegram.token,
      TELEGRAM_API: telegram.url,
    },
    askAll(platform, about) {
      sightings.begin();
      for (const [index, { inDiscord, inTelegram }] of pairs.entries()) {
        const prompt = `${SUBJECTS[index % SUBJECTS.length]} in ${about}, seen by person ${index + 1}`;
        if (platform === 'discord') inDiscord.command('generate', { prompt, seconds: 2 });
        else inTelegram.say(`${prompt} seconds=2`);
      }
    },
    allAre: (what) => sightings.all(what, PATIENCE_MS),
    refusals: sightings.refusals,
    async close() {
      await discord.close();
      await telegram.close();
    },
  };
}
