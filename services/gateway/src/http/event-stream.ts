import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { jsonOf } from '../graphql/shared-results.ts';
import type { Update } from '../graphql/subscription-updates.ts';

/** A reader that hears nothing for twice as long may take the link for dead. */
const HEARTBEAT_MS = 10_000;
/** After which a browser comes back by itself. */
const RETRY_MS = 1000;

/** One result as an event stream, for clients that accept nothing else. */
export function sendOneEvent(response: ServerResponse, result: ExecutionResult): void {
  openStream(response);
  response.end(`${eventOf({ result })}${COMPLETE}`);
}

/**
 * Sends the updates in the protocol "GraphQL over Server-Sent Events", one at a time and only as fast as they are read; each
 * carries its position as the event's id, which browsers send back as Last-Event-ID.
 */
export async function sendEvents(response: ServerResponse, updates: AsyncIterableIterator<Update>): Promise<void> {
  const closed = new AbortController();
  response.once('close', () => {
    closed.abort();
    void updates.return?.();
  });
  openStream(response);
  // A proxy may hold back the head until there is something behind it.
  response.write(`retry: ${RETRY_MS}\n\n`);
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(':\n\n');
  }, HEARTBEAT_MS);
  try {
    for await (const update of updates) {
      if (closed.signal.aborted) return;
      if (!response.write(eventOf(update))) await once(response, 'drain', { signal: closed.signal });
    }
    response.end(COMPLETE);
  } catch (error) {
    if (!closed.signal.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

const COMPLETE = 'event: complete\ndata:\n\n';

function openStream(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
  });
}

function eventOf({ result, position }: Update): string {
  const id = position === undefined ? '' : `id: ${position}\n`;
  return `event: next\n${id}data: ${jsonOf(result)}\n\n`;
}
