import { connect } from 'node:net';

/** host:port of an address such as mongodb://name:word@host:port/..., never the rest; undefined where it is looked up by DNS. */
export function hostOf(address: string): { host: string; port: number } | undefined {
  const parts = /^(mongodb|rediss?|https?):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/,?]+)(?::(\d+))?/.exec(address);
  const [, scheme = '', host = '', port] = parts ?? [];
  const usual = { mongodb: 27_017, redis: 6379, rediss: 6379, http: 80, https: 443 }[scheme];
  return usual === undefined ? undefined : { host: host.replace(/^\[|\]$/g, ''), port: port ? Number(port) : usual };
}

/** Whether something accepts connections there within 2 s. */
export function accepts(at: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...at, timeout: 2_000 }, () => end(true));
    const end = (answers: boolean) => {
      resolve(answers);
      socket.destroy();
    };
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}
