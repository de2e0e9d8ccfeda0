import { type ClientRequest, request } from 'node:http';

export interface Subscriber {
  readonly frames: number;
  readonly bytes: number;
  /** How long what each frame tells was under way, in milliseconds; of those whose times are read. */
  readonly ages: readonly number[];
  /** The newest price of a symbol that was told. */
  lastOf(symbol: string): string | undefined;
  pause(): void;
  resume(): void;
  close(): void;
}

/** A stream that does as little as a reader can, so that a thousand fit beside what they measure. */
export function subscribe(
  url: string,
  options: { token: string; address: string; query: string; times?: RegExp | undefined },
): Promise<Subscriber> {
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = request(`${url}/graphql`, {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${options.token}`,
        'x-forwarded-for': options.address,
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`a subscriber was answered with ${response.statusCode}`));
        return;
      }
      const ages: number[] = [];
      let [frames, bytes, tail, begun] = [0, 0, '', ''];
      response.setEncoding('latin1');
      response.on('error', () => undefined);
      response.on('data', (chunk: string) => {
        bytes += chunk.length;
        // What is read of a frame is read once all of its line is there, or what lies across two chunks would be missing.
        const end = chunk.lastIndexOf('\n') + 1;
        const lines = end === 0 ? '' : begun + chunk.slice(0, end);
        begun = end === 0 ? begun + chunk : chunk.slice(end);
        frames += lines.split('event: next').length - 1;
        tail = (tail + chunk).slice(-TAIL);
        if (options.times === undefined) return;
        const now = Date.now();
        for (const [, time] of lines.matchAll(options.times)) ages.push(now - Date.parse(time ?? ''));
      });
      resolve({
        get frames() {
          return frames;
        },
        get bytes() {
          return bytes;
        },
        ages,
        lastOf: (symbol) => [...tail.matchAll(new RegExp(`"symbol":"${symbol}","last":"([^"]+)"`, 'g'))].at(-1)?.[1],
        pause: () => void response.pause(),
        resume: () => void response.resume(),
        close: () => void sent.destroy(),
      });
    });
    sent.end(JSON.stringify({ query: options.query }));
  });
}

/** More than two lists of twenty quotes. */
const TAIL = 20_000;

/** So many at a time, so that opening them is no flood. */
export async function subscribeMany(
  count: number,
  open: (index: number) => Promise<Subscriber>,
): Promise<Subscriber[]> {
  const all: Subscriber[] = [];
  while (all.length < count) {
    const together = Math.min(25, count - all.length);
    all.push(...(await Promise.all(Array.from({ length: together }, (_, at) => open(all.length + at)))));
  }
  return all;
}
