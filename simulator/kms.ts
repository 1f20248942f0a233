import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { CALLS } from './kms/calls.ts';
import { createKeyStore, type KeyState } from './kms/key-store.ts';
import { Refusal } from './kms/refusal.ts';
import { checkSignature } from './kms/signature.ts';

export type { KeyState } from './kms/key-store.ts';

export interface KmsSimulator {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly region: string;
  /** The credentials it knows. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** A new symmetric key; gives back its ARN. */
  createKey(alias?: string): string;
  setState(arn: string, state: KeyState): void;
  /** Refuses these calls (Decrypt, …) as a policy would, until it is told otherwise. */
  deny(calls: readonly string[]): void;
  /** The calls that came, oldest first, whatever became of them. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';
const TARGET = /^TrentService\.(\w+)$/;
const TYPE = 'application/x-amz-json-1.1';

/** A local AWS KMS in its own protocol (AWS JSON 1.1), which the official client connects to unchanged. Loopback only. */
export async function createKmsSimulator(): Promise<KmsSimulator> {
  const prefix = `arn:aws:kms:${REGION}:${ACCOUNT}`;
  const store = createKeyStore(prefix);
  const credentials = { accessKeyId: 'AKIASIMULATOR0000000', secretAccessKey: randomUUID() };
  const known = new Map<string, { state: KeyState }>();
  const calls: string[] = [];
  const denied = new Set<string>();

  async function answer(request: IncomingMessage): Promise<Record<string, string>> {
    const body = await text(request);
    checkSignature(request.headers, { accessKeyId: credentials.accessKeyId, region: REGION, now: Date.now() });
    const name = TARGET.exec(String(request.headers['x-amz-target'] ?? ''))?.[1] ?? '';
    const call = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
    if (request.method !== 'POST' || request.url !== '/' || request.headers['content-type'] !== TYPE || !call)
      throw new Refusal('UnknownOperationException');
    calls.push(name);
    if (denied.has(name))
      throw new Refusal(
        'AccessDeniedException',
        `User: arn:aws:iam::${ACCOUNT}:user/product is not authorized to perform: kms:${name} on this resource because no identity-based policy allows the kms:${name} action`,
      );
    return call(store, parsed(body));
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (body) => reply(response, 200, body),
      (error: unknown) => (error instanceof Refusal ? reply(response, 400, refused(error)) : response.destroy()),
    );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return {
    url: `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`,
    region: REGION,
    credentials,
    createKey(alias) {
      const key = store.create(alias);
      known.set(key.arn, key);
      return key.arn;
    },
    setState(arn, state) {
      const key = known.get(arn);
      if (!key) throw new Error(`there is no key ${arn}`);
      key.state = state;
    },
    deny(names) {
      denied.clear();
      for (const name of names) denied.add(name);
    },
    calls,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Refusal('SerializationException');
  }
}

const refused = ({ kind, message }: Refusal) => ({ __type: kind, ...(message && { message }) });

function reply(response: ServerResponse, status: number, body: Record<string, string>): void {
  response.writeHead(status, { 'content-type': TYPE, 'x-amzn-requestid': randomUUID() }).end(JSON.stringify(body));
}
