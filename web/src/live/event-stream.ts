import { backoffMs } from './backoff.ts';
import { gatewayLink, type StreamLink } from './gateway-link.ts';

/**
 * A GraphQL event stream that stays: a watchdog notices a link that died without a word, a lost link is tried again with a growing
 * pause, and a session that ran out is refreshed once before. When nobody is signed in any more it waits until somebody is. What was
 * missed is asked for by whoever makes the body.
 */
export type StreamState = 'connecting' | 'live' | 'down';

export interface StreamOptions {
  /** Made anew for every attempt: this is where the last position goes. */
  body: () => string;
  onPayload: (payload: Payload) => void;
  onState?: (state: StreamState) => void;
  /** It had been lost and speaks again. */
  onReturn?: () => void;
  link?: StreamLink;
  watchdogMs?: number;
}

export interface Payload {
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

export interface Stream {
  close: () => void;
}

export function openStream(options: StreamOptions): Stream {
  const closed = new AbortController();
  void keepOpen(options, closed.signal);
  return { close: () => closed.abort() };
}

const WATCHDOG_MS = 20_000;
/** A stream that stood for so long works; one that ends sooner counts as a failure, whatever it said. */
const STEADY_MS = 10_000;

async function keepOpen(options: StreamOptions, closed: AbortSignal): Promise<void> {
  const link = options.link ?? gatewayLink;
  const say = (state: StreamState): void => {
    if (!closed.aborted) options.onState?.(state);
  };
  let isLost = false;
  const heard = (): void => {
    say('live');
    if (isLost && !closed.aborted) options.onReturn?.();
    isLost = false;
  };
  for (let failures = 0; ; failures += 1) {
    if (await link.signedIn(closed)) failures = 0;
    if (closed.aborted) return;
    say('connecting');
    const openedAtMs = link.now();
    const end = await readUntilEnd(options, link, closed, heard);
    if (closed.aborted) return;
    if (end.heard && link.now() - openedAtMs >= STEADY_MS) failures = 0;
    const isRefreshed = end.needsSession && (await link.refresh(openedAtMs));
    // Only once: whoever is refused with a fresh session, or is sent away again and again, waits like anybody else.
    if (isRefreshed && failures === 0) continue;
    if (!end.heard || end.why === 'lost') {
      isLost = true;
      say('down');
    }
    await link.pause(backoffMs(failures, link.random()), closed);
  }
}

interface End {
  why: 'ended' | 'lost';
  heard: boolean;
  needsSession: boolean;
}

async function readUntilEnd(
  { body, onPayload, watchdogMs = WATCHDOG_MS }: StreamOptions,
  link: StreamLink,
  closed: AbortSignal,
  onHeard: () => void,
): Promise<End> {
  const dead = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopListening = link.onCut(() => dead.abort());
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => dead.abort(), watchdogMs);
  };
  const end: End = { why: 'lost', heard: false, needsSession: false };
  alive();
  try {
    const response = await link.open(body(), AbortSignal.any([closed, dead.signal]));
    if (response.status === 401) return { ...end, needsSession: true };
    if (!response.ok || response.body === null) return end;
    const read = createEventReader();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      alive();
      if (!end.heard) onHeard();
      end.heard = true;
      for (const event of read(chunk.value)) {
        if (event.name === 'complete') end.why = 'ended';
        if (event.name !== 'next' || event.data === '') continue;
        const payload = JSON.parse(event.data) as Payload;
        if (payload.errors?.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')) end.needsSession = true;
        onPayload(payload);
      }
    }
    // A stream that was ended on purpose ended with its token.
    return { ...end, needsSession: end.needsSession || end.why === 'ended' };
  } catch {
    return end;
  } finally {
    stopListening();
    clearTimeout(timer);
    dead.abort();
  }
}

export interface ServerSentEvent {
  name: string;
  data: string;
}

/** Server-sent events from text that comes in any pieces. Comments are heartbeats and give nothing. */
export function createEventReader(): (text: string) => ServerSentEvent[] {
  let rest = '';
  return (text) => {
    const blocks = (rest + text).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      let name = 'message';
      const data: string[] = [];
      for (const line of block.split('\n')) {
        if (line.startsWith('event:')) name = line.slice(6).trim();
        else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
      }
      return name === 'message' && data.length === 0 ? [] : [{ name, data: data.join('\n') }];
    });
  };
}
