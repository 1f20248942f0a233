import { readConfig } from '../../core/config.ts';

/** What the names of the person's stored videos begin with. */
export const VIDEOS_PREFIX = 'videos/';

/** How the object store that the environment names is reached. */
export function s3Of(env: NodeJS.ProcessEnv) {
  const {
    S3_ENDPOINT: endpoint = '',
    S3_REGION: region,
    S3_BUCKET: bucket,
    S3_PATH_STYLE: forcePathStyle,
    ...rest
  } = readConfig(env);
  const { S3_ACCESS_KEY_ID: accessKeyId = '', S3_SECRET_ACCESS_KEY: secretAccessKey = '' } = rest;
  return { endpoint, region, accessKeyId, secretAccessKey, bucket, forcePathStyle };
}
