import { startEmbedded } from '../../embedded/index.ts';

// A product in a process of its own, for tests that kill it: says its addresses in one line and lives on.
const [dataDir = '', venvDir = ''] = process.argv.slice(2);
const embedded = await startEmbedded({
  dataDir,
  venvDir,
  env: { PATH: '/usr/bin:/bin' },
  say: () => {},
  servers: ['mongo', 'redis', 's3'],
});
console.log(JSON.stringify(embedded));
setInterval(() => {}, 60_000);
