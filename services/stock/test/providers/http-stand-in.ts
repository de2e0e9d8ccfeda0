import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** Text as it is, anything else as JSON. */
  body?: unknown;
  /** Never answered. */
  silent?: boolean;
  /** Cut off in the middle. */
  truncated?: boolean;
}

export interface StandIn {
  url: string;
  /** What came, oldest first: `/path?query`. */
  asked: string[];
  headers: IncomingMessage['headers'][];
  /** From now on, by the path and query. */
  answer(with_: (path: string) => Answer): void;
  close(): Promise<void>;
}

/** A provider of market data on this machine, which answers as it is told to. */
export async function httpStandIn(): Promise<StandIn> {
  let answerTo: (path: string) => Answer = failure;
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    open.add(response);
    standIn.asked.push(request.url ?? '');
    standIn.headers.push(request.headers);
    const { status = 200, headers = {}, body = '', silent = false, truncated = false } = answerTo(request.url ?? '');
    if (silent) return;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    if (truncated) {
      response.write(text.slice(0, text.length / 2));
      response.destroy();
      return;
    }
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const standIn: StandIn = {
    url: `http://127.0.0.1:${port}`,
    asked: [],
    headers: [],
    answer(with_) {
      answerTo = with_;
    },
    async close() {
      for (const response of open) response.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return standIn;
}

function failure(): Answer {
  return { status: 500 };
}
