import type { MarketHours } from './trading-days.ts';

const MINUTES_IN_DAY = 1440;

/** How much happens up to a minute of the day, as running totals; variance and volume are spread over a session by it. */
export type Profile = Float64Array;

/** Much at the open, less at noon, more again at the close: by minutes since the session began. */
function sessionWeight(minute: number, length: number): number {
  const place = (2 * (minute + 0.5)) / length - 1;
  return 0.45 + 1.3 * place * place + (place < 0 ? 0.35 * place * place : 0);
}

function profileOf(weight: (minute: number) => number, minutes: number): Profile {
  const totals = new Float64Array(minutes + 1);
  for (let minute = 0; minute < minutes; minute += 1) totals[minute + 1] = (totals[minute] ?? 0) + weight(minute);
  return totals;
}

/** Half past nine to four in New York's winter; a market that never closes is liveliest then. */
const [LIVELY_FROM, LIVELY_TO] = [14 * 60 + 30, 21 * 60];

const wholeDay = profileOf((minute) => {
  const lively = minute >= LIVELY_FROM && minute < LIVELY_TO;
  return lively ? 1 + sessionWeight(minute - LIVELY_FROM, LIVELY_TO - LIVELY_FROM) : 0.6;
}, MINUTES_IN_DAY);

const sessions = new Map<number, Profile>();

export function profileFor(hours: MarketHours, minutes: number): Profile {
  if (hours === 'always') return wholeDay;
  let profile = sessions.get(minutes);
  if (profile === undefined) {
    profile = profileOf((minute) => sessionWeight(minute, minutes), minutes);
    sessions.set(minutes, profile);
  }
  return profile;
}

/** Between two moments, in minutes since the session began, as a fraction of the whole session. */
export function activity(profile: Profile, from: number, to: number): number {
  return (totalAt(profile, to) - totalAt(profile, from)) / (profile[profile.length - 1] ?? 1);
}

function totalAt(profile: Profile, minutes: number): number {
  const whole = Math.floor(minutes);
  const below = profile[whole] ?? 0;
  const fraction = minutes - whole;
  return fraction === 0 ? below : below + ((profile[whole + 1] ?? below) - below) * fraction;
}
