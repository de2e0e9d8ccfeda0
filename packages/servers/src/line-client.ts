import { connect } from 'node:net';

/** One short text conversation over TCP: what came back within the time, or undefined when nobody answered or `enough` never held. */
export function converse(
  port: number,
  say: string,
  enough: (heard: string) => boolean,
  options: { host?: string; timeoutMs?: number } = {},
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ port, host: options.host ?? '127.0.0.1' });
    const finish = (value: string | undefined) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(options.timeoutMs ?? 2000, () => finish(undefined));
    socket.once('error', () => finish(undefined));
    socket.once('close', () => finish(undefined));
    socket.once('connect', () => socket.write(say));
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      if (enough(heard)) finish(heard);
    });
  });
}
