/** A change after which the program does the same, so that no test can notice it. */
export interface Equivalent {
  readonly file: string;
  /** The line that is changed, without what it is indented by. */
  readonly line: string;
  /** What the changed part becomes; undefined where it holds for every change of the line. */
  readonly to: string | undefined;
  readonly why: string;
}

/** [line, what the changed part becomes or undefined for whatever it becomes, why]. */
export type Row = readonly [line: string, to: string | undefined, why: string];

export const of = (file: string, ...rows: readonly Row[]): Equivalent[] =>
  rows.map(([line, to, why]) => ({ file, line, to, why }));
