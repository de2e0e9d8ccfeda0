import { eventually } from '@andvari/kit/testing/eventually';
import { expect } from 'vitest';
import { WebSocket } from 'ws';

export interface Heard {
  type: string;
  id?: string;
  payload?: unknown;
}

/** A socket spoken to message by message, for what no client would send. */
export interface SocketTalk {
  readonly heard: Heard[];
  /** Says hello and waits until it is heard: what is sent before that ends the socket. */
  begin(payload?: unknown): Promise<void>;
  send(message: unknown): void;
  ping(): void;
  closed(): { code: number; reason: string } | undefined;
  end(): void;
}

export function openTalk(url: string, headers: Record<string, string> = {}): Promise<SocketTalk> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
    const heard: Heard[] = [];
    let closed: { code: number; reason: string } | undefined;
    socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as Heard));
    socket.on('close', (code, reason) => (closed = { code, reason: reason.toString() }));
    socket.on('error', reject);
    const send = (message: unknown): void =>
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    socket.on('open', () =>
      resolve({
        heard,
        async begin(payload) {
          send({ type: 'connection_init', payload });
          await eventually(() => expect(heard.length + (closed === undefined ? 0 : 1)).toBeGreaterThan(0));
        },
        send,
        ping: () => socket.ping(),
        closed: () => closed,
        end: () => socket.close(),
      }),
    );
  });
}
