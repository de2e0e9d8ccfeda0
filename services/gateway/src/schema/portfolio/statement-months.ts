/// <reference lib="esnext.temporal" />

/** A month of a statement: from the first midnight of it to that of the next, in the market's zone. */
export interface MonthSpan {
  readonly fromUs: bigint;
  readonly toUs: bigint;
}

/** Undefined for what is no month: "2026-11" is one. */
export function monthSpan(month: string, timeZone: string): MonthSpan | undefined {
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(month)) return undefined;
  const first = Temporal.PlainYearMonth.from(month);
  return { fromUs: startOf(first, timeZone), toUs: startOf(first.add({ months: 1 }), timeZone) };
}

/** The months that a span of time touches, the oldest first, each with its beginning; with the beginning of the one after them. */
export function monthsOf(fromUs: bigint, toUs: bigint, timeZone: string): { months: string[]; boundsUs: bigint[] } {
  const last = monthAt(toUs, timeZone);
  const months: string[] = [];
  const boundsUs: bigint[] = [];
  let month = monthAt(fromUs, timeZone);
  for (; Temporal.PlainYearMonth.compare(month, last) <= 0; month = month.add({ months: 1 })) {
    months.push(month.toString());
    boundsUs.push(startOf(month, timeZone));
  }
  return { months, boundsUs: [...boundsUs, startOf(month, timeZone)] };
}

function monthAt(us: bigint, timeZone: string): Temporal.PlainYearMonth {
  const at = Temporal.Instant.fromEpochNanoseconds(us * 1000n).toZonedDateTimeISO(timeZone);
  return at.toPlainDate().toPlainYearMonth();
}

function startOf(month: Temporal.PlainYearMonth, timeZone: string): bigint {
  return month.toPlainDate({ day: 1 }).toZonedDateTime(timeZone).epochNanoseconds / 1000n;
}
