import net from 'node:net';

/** Tests never leave the machine: a connection to anything but loopback throws, naming where it wanted to go. */
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (this: net.Socket, ...given: unknown[]) {
  const [first] = given.flat();
  const host = typeof first === 'object' && first !== null && 'host' in first ? first.host : undefined;
  const path = typeof first === 'object' && first !== null && 'path' in first ? first.path : undefined;
  if (host !== undefined && !path && !['127.0.0.1', 'localhost', '::1'].includes(String(host))) {
    throw new Error(`a test tried to reach ${String(host)}`);
  }
  return Reflect.apply(connect, this, given) as net.Socket;
};
