import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { fileOrigins, toUpload } from '../../../bots/discord/attachment.ts';
import { UserError } from '../../../core/errors.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve).closeAllConnections())));
});

async function serve(answer: RequestListener): Promise<{ origin: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, asked };
}

async function refusal(reading: Promise<Buffer>): Promise<string> {
  const error: unknown = await reading.catch((failure: unknown) => failure);
  if (!(error instanceof UserError)) throw new Error(`no UserError: ${String(error)}`);
  expect(error.message).toContain('nothing was charged');
  return error.code;
}

describe('a picture', () => {
  test('comes from Discord, or from the server behind the API of the simulator', () => {
    expect(fileOrigins()).toEqual(['https://cdn.discordapp.com', 'https://media.discordapp.net']);
    expect(fileOrigins('http://127.0.0.1:5000/api')).toContain('http://127.0.0.1:5000');
  });

  test('is read to its last byte within the limit', async () => {
    const { origin } = await serve((_, response) => response.end(Buffer.alloc(70_000, 1)));
    await expect(toUpload({ url: `${origin}/a.png`, size: 70_000 }, [origin]).read(70_000)).resolves.toHaveLength(70_000);
  });

  test('is not fetched at all when it is said to be too large', async () => {
    const { origin, asked } = await serve((_, response) => response.end('x'));
    expect(await refusal(toUpload({ url: `${origin}/a.png`, size: 11 }, [origin]).read(10))).toBe('image_too_large');
    expect(asked).toEqual([]);
  });

  test('is given up at the limit whatever size was said', async () => {
    let written = 0;
    const { origin } = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && written < 50_000_000) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return response.once('drain', more);
        }
        return response.end();
      };
      more();
    });
    expect(await refusal(toUpload({ url: `${origin}/a.png`, size: 10 }, [origin]).read(100_000))).toBe('image_too_large');
    expect(written).toBeLessThan(50_000_000);
  });

  test.each([
    'http://cdn.discordapp.com/a.png',
    'https://cdn.discordapp.com.evil.example/a.png',
    'https://cdn.discordapp.com@evil.example/a.png',
    'https://user:password@cdn.discordapp.com/a.png',
    'https://cdn.discordapp.com:8443/a.png',
    'https://evil.example/https://cdn.discordapp.com/a.png',
    'file:///etc/passwd',
    'no address',
  ])('is never fetched from %s', async (url) => {
    expect(await refusal(toUpload({ url, size: 1 }, fileOrigins()).read(10))).toBe('image_unavailable');
  });

  test('is not followed to another place', async () => {
    const elsewhere = await serve((_, response) => response.end('secret'));
    const { origin } = await serve((_, response) => response.writeHead(302, { location: `${elsewhere.origin}/b` }).end());
    expect(await refusal(toUpload({ url: `${origin}/a.png`, size: 1 }, [origin]).read(10))).toBe('image_unavailable');
    expect(elsewhere.asked).toEqual([]);
  });

  test('that is gone or breaks off is asked for again in plain words', async () => {
    const gone = await serve((_, response) => response.writeHead(404).end());
    expect(await refusal(toUpload({ url: `${gone.origin}/a.png`, size: 1 }, [gone.origin]).read(10))).toBe('image_unavailable');
    const broken = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('x', () => response.destroy());
    });
    expect(await refusal(toUpload({ url: `${broken.origin}/a.png`, size: 1 }, [broken.origin]).read(1000))).toBe(
      'image_unavailable',
    );
  });
});
