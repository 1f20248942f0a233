import { connect } from 'node:net';

/** Whether the MongoDB at `port` says in its hello that it takes writes. */
export async function mongoAnswers(port: number): Promise<boolean> {
  const answer = await exchange(
    port,
    helloMessage(),
    (received) => received.length >= 4 && received.length >= received.readInt32LE(0),
  );
  const at = answer?.indexOf('\x08isWritablePrimary\0') ?? -1;
  return answer !== undefined && at >= 0 && answer[at + 19] === 1;
}

/** Whether the Redis at `port` takes the password and has loaded its data. */
export async function redisAnswers(port: number, password: string): Promise<boolean> {
  const answer = await exchange(
    port,
    Buffer.from(`AUTH ${password}\r\nPING\r\n`),
    (received) => received.toString().split('\r\n').length > 2,
  );
  return answer?.toString() === '+OK\r\n+PONG\r\n';
}

/** Whether the S3 gateway at `port` is open and the master at `master` knows where the objects are: both, or reading fails. */
export async function s3Answers(port: number, master: number): Promise<boolean> {
  const [gateway, topology] = await Promise.all([get(port, '/healthz'), get(master, '/dir/status')]);
  return gateway !== undefined && (topology?.includes('"DataNodes":[') ?? false);
}

async function get(port: number, path: string): Promise<string | undefined> {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;
  const answer = (await exchange(port, Buffer.from(request), () => false))?.toString();
  return answer?.startsWith('HTTP/1.1 200') ? answer : undefined;
}

/** OP_MSG { hello: 1, $db: 'admin' }, see https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/. */
function helloMessage(): Buffer {
  const fields = Buffer.concat([
    Buffer.from('\x10hello\0\x01\0\0\0', 'latin1'),
    Buffer.from('\x02$db\0\x06\0\0\0admin\0', 'latin1'),
  ]);
  const message = Buffer.alloc(16 + 4 + 1 + 4 + fields.length + 1);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(1, 4);
  message.writeInt32LE(2013, 12);
  message.writeInt32LE(4 + fields.length + 1, 21);
  fields.copy(message, 25);
  return message;
}

function exchange(port: number, say: Buffer, enough: (received: Buffer) => boolean): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let received: Buffer = Buffer.alloc(0);
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 }, () => socket.write(say));
    const end = (answer?: Buffer) => {
      resolve(answer);
      socket.destroy();
    };
    socket.on('data', (part) => {
      received = Buffer.concat([received, part]);
      if (enough(received)) end(received);
    });
    socket.on('timeout', () => end());
    socket.on('error', () => end());
    socket.on('end', () => end(received));
  });
}
