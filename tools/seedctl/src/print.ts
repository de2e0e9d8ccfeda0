/** What a command says: tables and sentences for people, one JSON value a line with --json. */
export interface Printer {
  /** Rows of one kind. */
  rows(rows: readonly Row[], whenNone: string): void;
  /** What came of it: said in a sentence, or given as data. */
  outcome(sentence: string, data: Readonly<Record<string, unknown>>): void;
  /** How far it is: for people only. */
  progress(sentence: string): void;
}

export type Row = Readonly<Record<string, string | number | bigint | boolean>>;

export function jsonPrinter(write: (line: string) => void): Printer {
  const line = (value: unknown) =>
    write(JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? each.toString() : each)));
  return { rows: (rows) => rows.forEach(line), outcome: (_, data) => line(data), progress: () => undefined };
}

export function textPrinter(write: (line: string) => void): Printer {
  return {
    rows(rows, whenNone) {
      const [first] = rows;
      if (first === undefined) {
        write(whenNone);
        return;
      }
      const names = Object.keys(first);
      const cells = [
        names.map((name) => name.toUpperCase()),
        ...rows.map((row) => names.map((name) => String(row[name]))),
      ];
      const widths = names.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
      for (const line of cells)
        write(
          line
            .map((cell, at) => cell.padEnd(widths[at] ?? 0))
            .join('  ')
            .trimEnd(),
        );
    },
    outcome: (sentence) => write(sentence),
    progress: (sentence) => write(sentence),
  };
}
