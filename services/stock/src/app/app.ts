import { createBars } from './bars.ts';
import { createCalendar } from './calendar.ts';
import { createCorporateActions } from './corporate-actions.ts';
import type { Deps } from './deps.ts';
import { createFxRates } from './fx-rates.ts';
import { createInstruments } from './instruments.ts';
import { createQuotes } from './quotes.ts';
import { createSessionClock } from './session-clock.ts';
import { createTicks, type TickOptions } from './ticks.ts';
import { createVenue } from './venue.ts';

export type App = ReturnType<typeof createApp>;

/** The use cases, by what they are about. */
export function createApp(deps: Deps, ticks: TickOptions) {
  const quotes = createQuotes(deps);
  return {
    listings: deps.listings,
    instruments: createInstruments(deps),
    quotes,
    bars: createBars(deps),
    calendar: createCalendar(deps),
    sessionClock: createSessionClock(deps),
    corporateActions: createCorporateActions(deps, quotes),
    fxRates: createFxRates(deps),
    ticks: createTicks(deps, quotes, ticks),
    venue: createVenue(),
  };
}
