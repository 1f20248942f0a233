import type { Environment } from './environment.ts';
import type { Mongo } from './mongo.ts';
import type { Redis } from './redis.ts';
import type { S3 } from './s3.ts';

/** The settings that make each part of ours unnecessary. */
export const SETTINGS = {
  mongo: 'MONGODB_URI',
  redis: 'REDIS_URL',
  s3: 'S3_ENDPOINT with S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY',
  ffmpeg: 'FFMPEG_PATH',
} as const;

export interface Given {
  mongo?: Mongo;
  redis?: Redis;
  s3?: S3;
}

/** The addresses the environment names. Throws when it names an S3 and not its keys. */
export function givenAddresses(env: Environment): Given {
  const { MONGODB_URI, REDIS_URL, S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = env;
  if (S3_ENDPOINT && !(S3_ACCESS_KEY_ID && S3_SECRET_ACCESS_KEY)) {
    throw new Error('S3_ENDPOINT is set: set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY too, or unset it');
  }
  return {
    ...(MONGODB_URI && { mongo: { uri: MONGODB_URI } }),
    ...(REDIS_URL && { redis: { url: REDIS_URL } }),
    ...(S3_ENDPOINT &&
      S3_ACCESS_KEY_ID &&
      S3_SECRET_ACCESS_KEY && {
        s3: {
          endpoint: S3_ENDPOINT,
          region: S3_REGION || 'us-east-1',
          accessKeyId: S3_ACCESS_KEY_ID,
          secretAccessKey: S3_SECRET_ACCESS_KEY,
        },
      }),
  };
}
