import type { Quote, StreamQuotesResponse } from '@andvari/proto/stock/v1/stock';
import type { Quotes } from '../app/quotes.ts';
import type { Instrument } from '../domain/instrument.ts';
import { quoteTo } from '../messages/convert.ts';

export type QuoteFeed = ReturnType<typeof createQuoteFeed>;

/**
 * Live quotes for streams. A reader that is slow is told the latest of each symbol when it is ready again: what waits for it
 * is never more than one quote a symbol. `hear` is begun with the first reader.
 */
export function createQuoteFeed(quotes: Quotes, hear: (heard: (quote: Quote) => void) => void) {
  const readers = new Set<(quote: Quote) => void>();
  let hearing = false;

  return {
    readers: () => readers.size,

    /** How they stand now, then each as it moves. */
    async *stream(instruments: readonly Instrument[], signal: AbortSignal): AsyncGenerator<StreamQuotesResponse> {
      const wanted = new Set(instruments.map(({ symbol }) => symbol));
      const waiting = new Map<string, Quote>();
      let wake = noReaderWaits;
      const read = (quote: Quote): void => {
        if (!wanted.has(quote.symbol)) return;
        waiting.set(quote.symbol, quote);
        wake();
      };
      const stop = (): void => wake();
      begin();
      readers.add(read);
      signal.addEventListener('abort', stop, { once: true });
      try {
        for (const quote of await quotes.of(instruments)) yield { quote: quoteTo(quote) };
        while (!signal.aborted) {
          if (waiting.size === 0) await new Promise<void>((resolve) => (wake = resolve));
          const due = [...waiting.values()];
          waiting.clear();
          for (const quote of due) yield { quote };
        }
      } finally {
        readers.delete(read);
        signal.removeEventListener('abort', stop);
      }
    },
  };

  function begin(): void {
    if (hearing) return;
    hearing = true;
    hear((quote) => {
      for (const read of readers) read(quote);
    });
  }
}

function noReaderWaits(): void {}
