import net from 'node:net';

const isGuarded = Symbol.for('connections of tests stay on this machine');
const { connect } = net.Socket.prototype;

/** Tests never leave the machine: a connection to anything but loopback throws, naming where it wanted to go. */
function connectToLoopback(this: net.Socket, ...given: unknown[]): net.Socket {
  const [first] = given.flat();
  const host = typeof first === 'object' && first !== null && 'host' in first ? first.host : undefined;
  const path = typeof first === 'object' && first !== null && 'path' in first ? first.path : undefined;
  if (host !== undefined && !path && !['127.0.0.1', 'localhost', '::1'].includes(String(host))) {
    throw new Error(`a test tried to reach ${String(host)}`);
  }
  return Reflect.apply(connect, this, given) as net.Socket;
}

// This file runs before each file of tests, and many of them in one process.
if (!(isGuarded in net.Socket.prototype)) Object.assign(net.Socket.prototype, { connect: connectToLoopback, [isGuarded]: true });
