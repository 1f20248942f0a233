export type Scene = 'space' | 'city' | 'ocean' | 'forest' | 'mountains' | 'flow';
export type TimeOfDay = 'night' | 'dusk' | 'dawn' | 'day';
export type Weather = 'rain' | 'snow' | 'embers' | 'fireflies';

/** Names and the words that call for them; the first name that is called wins. */
export type WordTable<Name extends string> = readonly (readonly [Name, readonly string[]])[];

export const TIMES: WordTable<TimeOfDay> = [
  [
    'night',
    ['night', 'midnight', 'moon', 'moonlight', 'moonlit', 'star', 'starry', 'dark', 'neon', 'cyberpunk', 'aurora', 'nocturnal'],
  ],
  ['dusk', ['sunset', 'dusk', 'evening', 'golden', 'twilight', 'autumn']],
  ['dawn', ['dawn', 'sunrise', 'morning', 'spring']],
  ['day', ['day', 'daylight', 'noon', 'sunny', 'sunshine', 'blue sky', 'summer']],
];

export const SCENES: WordTable<Scene> = [
  [
    'space',
    [
      'space',
      'galaxy',
      'galaxies',
      'nebula',
      'planet',
      'cosmos',
      'cosmic',
      'astronaut',
      'rocket',
      'universe',
      'orbit',
      'spaceship',
      'mars',
    ],
  ],
  [
    'city',
    [
      'city',
      'cities',
      'street',
      'skyline',
      'cyberpunk',
      'neon',
      'building',
      'tokyo',
      'york',
      'paris',
      'london',
      'urban',
      'downtown',
      'rooftop',
      'taxi',
    ],
  ],
  [
    'ocean',
    [
      'ocean',
      'sea',
      'seaside',
      'beach',
      'wave',
      'lake',
      'ship',
      'boat',
      'island',
      'underwater',
      'surf',
      'surfer',
      'sail',
      'whale',
      'dolphin',
      'harbor',
      'harbour',
      'coast',
    ],
  ],
  ['forest', ['forest', 'tree', 'jungle', 'wood', 'woodland', 'fairy', 'deer', 'fox', 'owl', 'garden', 'park']],
  [
    'mountains',
    [
      'mountain',
      'valley',
      'hill',
      'desert',
      'canyon',
      'snow',
      'alps',
      'landscape',
      'dragon',
      'castle',
      'volcano',
      'meadow',
      'field',
      'prairie',
      'dune',
    ],
  ],
];

export const WEATHERS: WordTable<Weather> = [
  ['rain', ['rain', 'storm', 'drizzle', 'thunder']],
  ['snow', ['snow', 'snowfall', 'winter', 'blizzard']],
  ['embers', ['fire', 'fiery', 'ember', 'lava', 'dragon', 'volcano', 'flame', 'burn']],
  ['fireflies', ['magic', 'magical', 'firefly', 'fireflies', 'fairy', 'enchanted']],
];

/** Degrees. */
export const HUES: Readonly<Record<string, number>> = {
  red: 355,
  orange: 25,
  gold: 42,
  yellow: 50,
  green: 130,
  emerald: 150,
  teal: 175,
  cyan: 188,
  blue: 215,
  purple: 270,
  violet: 275,
  magenta: 310,
  pink: 325,
};

/** Words whose picture has another name in the icon set. */
export const SYNONYMS: Readonly<Record<string, string>> = {
  kitten: 'cat',
  puppy: 'dog',
  corgi: 'dog',
  ship: 'sailboat',
  boat: 'sailboat',
  yacht: 'sailboat',
  sail: 'sailboat',
  car: 'racing-car',
  spaceship: 'rocket',
  spacecraft: 'rocket',
  ufo: 'flying-saucer',
  samurai: 'ninja',
  knight: 'crossed-swords',
  warrior: 'crossed-swords',
  king: 'crown',
  queen: 'crown',
  jazz: 'saxophone',
  wizard: 'mage',
  witch: 'mage',
  coffee: 'hot-beverage',
  train: 'locomotive',
  plane: 'airplane',
  bike: 'bicycle',
  hummingbird: 'bird',
  raven: 'bird',
  whale: 'spouting-whale',
};

/** Words that have an icon but belong to the scene, its light or the grammar of the sentence. */
export const NOT_SUBJECTS: ReadonlySet<string> = new Set(
  (
    'sunset sunrise dawn dusk cityscape snowflake rainbow comet wind fog a an the in on at of with and or to by over under up down back end ' +
    'soon top new free cool ok night day sun moon star stars city sea ocean water wave fire rain snow light white black red blue green gold ' +
    'yellow orange purple brown man woman person people face hand eye left right heart old one two three music forest mountain desert magic ' +
    'dark sky cloud island lake neon sunflower-field volcano beach park abc id no men women'
  ).split(' '),
);
