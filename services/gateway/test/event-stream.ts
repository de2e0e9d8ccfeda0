import { request } from 'node:http';

export interface EventStream {
  /** 200 where it is a stream; what was refused before it began has the status and the body of any other request. */
  status: number;
  /** The results that came, in order. */
  received: { data?: unknown; errors?: unknown }[];
  ended(): boolean;
  /** Stops reading, so that the pipe fills up. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** Reads a subscription as an event stream. */
export function openEventStream(url: string, body: unknown, headers: Record<string, string>): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const received: EventStream['received'] = [];
      let text = '';
      let isOver = false;
      response.setEncoding('utf8');
      const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
      response.on('data', (chunk: string) => {
        text += chunk;
        if (!isStream) return;
        for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
          const data = /^data: ?(.+)$/m.exec(text.slice(0, end))?.[1];
          if (data !== undefined) received.push(JSON.parse(data) as never);
          text = text.slice(end + 2);
        }
      });
      response.on('end', () => {
        if (!isStream) received.push(JSON.parse(text) as never);
      });
      response.on('close', () => void (isOver = true));
      response.on('error', () => undefined);
      resolve({
        status: response.statusCode ?? 0,
        received,
        ended: () => isOver,
        pause: () => void response.pause(),
        resume: () => void response.resume(),
        close: () => void sent.destroy(),
      });
    });
    sent.end(JSON.stringify(body));
  });
}
