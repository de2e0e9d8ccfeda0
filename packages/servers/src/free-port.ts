import { createServer } from 'node:net';

/** A port that was free a moment ago. Someone else can take it before it is used: callers that can, try again with another. */
export async function freePort(): Promise<number> {
  const port = await bind(0);
  if (port === undefined) throw new Error('No free port on 127.0.0.1');
  return port;
}

export async function isPortFree(port: number): Promise<boolean> {
  return (await bind(port)) !== undefined;
}

export async function preferPort(port: number): Promise<number> {
  return (await isPortFree(port)) ? port : freePort();
}

function bind(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
