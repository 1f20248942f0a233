import { describeInspection, inspect } from './doctor.ts';

const lines = await inspect({ dataDir: process.env.DATA_DIR ?? '.data', env: process.env });
console.log(describeInspection(lines));
process.exitCode = lines.some((line) => line.state === 'missing') ? 1 : 0;
