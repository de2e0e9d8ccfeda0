import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '@andvari/kit/base/backoff';
import { liveSubjects } from '@andvari/kit/events/subject-filter';
import { followStream } from '@andvari/kit/nats/follow-stream';
import type { Nats } from '@andvari/kit/nats/nats';
import { subscribeLive } from '@andvari/kit/nats/subscribe-live';
import type { Scope } from '@andvari/kit/process/scope';
import { instrumentChanged, sessionChanged, symbolHalted, symbolResumed } from '@andvari/proto/events';
import { Quote } from '@andvari/proto/stock/v1/stock';
import type { LearningView } from '../app/market-view.ts';
import { clockFrom, instrumentFrom, quoteFrom } from '../messages/market.ts';

const AGAIN_MS = 500;

/**
 * Keeps the view of the market: the last word of every subject of MARKET, then each new one as it comes; prices beside it, which
 * nobody keeps. The stream's own order decides, so that nothing is missed and nothing old wins.
 */
export function followMarket(scope: Scope, options: FollowOptions): void {
  const { nats, view, refresh, everyMs } = options;
  subscribeLive(scope, nats, liveSubjects.quote(), ({ payload }) => {
    const quote = Quote.decode(payload);
    view.learnQuote(quote.symbol, quoteFrom(quote));
  });
  const market = { stream: 'MARKET', subject: 'market.>', since: 'last_of_each_subject' } as const;
  const following = followStream(scope, nats, market, ({ header, subject, payload }) => {
    try {
      learn(view, header('ce-type'), payload);
    } catch (error) {
      scope.log.error(
        { event: 'market_event_unreadable', err: error, subject },
        'a word about the market could not be read',
      );
    }
  });
  scope.defer('market', () => following);
  const refreshing = keepFresh(scope, refresh, everyMs);
  scope.defer('market refresh', () => refreshing);
}

export interface FollowOptions {
  nats: Nats;
  view: LearningView;
  /** Asks for everything; what it answers is never newer than the stream will be. */
  refresh: () => Promise<void>;
  everyMs: number;
}

async function keepFresh({ signal, log }: Scope, refresh: () => Promise<void>, everyMs: number): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    try {
      await refresh();
      failures = 0;
    } catch (error) {
      if (failures === 0)
        log.warn(
          { event: 'stock_unavailable', err: error },
          'the stock service cannot be asked; what the streams say has to do',
        );
      failures += 1;
    }
    const pauseMs = backoffMs(failures, { firstMs: failures === 0 ? everyMs : AGAIN_MS, maxMs: everyMs });
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** What one message of MARKET says; others concern nobody here. */
export function learn(view: LearningView, type: string, payload: Uint8Array): void {
  switch (type) {
    case instrumentChanged.type: {
      const { instrument } = instrumentChanged.codec.decode(payload);
      const known = instrument && instrumentFrom(instrument);
      if (known !== undefined) view.learnInstrument(known);
      return;
    }
    case symbolHalted.type: {
      const { symbol, haltedAtUs, version } = symbolHalted.codec.decode(payload);
      view.learnHalt(symbol, true, haltedAtUs, version);
      return;
    }
    case symbolResumed.type: {
      const { symbol, version } = symbolResumed.codec.decode(payload);
      view.learnHalt(symbol, false, 0n, version);
      return;
    }
    case sessionChanged.type: {
      const clock = clockFrom(sessionChanged.codec.decode(payload));
      if (clock !== undefined) view.learnClock(clock);
      return;
    }
  }
}
