import type { Equivalent } from './equivalent.ts';

/** What is read of Stryker's report, whose format is that of mutation-testing-elements. */
export interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

export interface Mutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly statusReason?: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Share {
  readonly file: string;
  readonly noticed: number;
  /** Without those that make no difference. */
  readonly counted: number;
  readonly equivalent: number;
}

/** A change that no test noticed, as a person would describe it. */
export interface Unnoticed {
  readonly at: string;
  readonly line: string;
  readonly from: string;
  readonly to: string;
}

export interface Shares {
  readonly files: readonly Share[];
  readonly unnoticed: readonly Unnoticed[];
  /** Named as making no difference, but there is no such change, or it was noticed. */
  readonly outdated: readonly Equivalent[];
}

/** An error is that of a module which cannot be loaded any more: every test of it is red. */
const NOTICED = new Set(['Killed', 'Timeout', 'RuntimeError']);
const UNNOTICED = new Set(['Survived', 'NoCoverage']);

export function sharesOf(workspace: string, report: Report, equivalents: readonly Equivalent[]): Shares {
  const files: Share[] = [];
  const unnoticed: Unnoticed[] = [];
  const used = new Set<Equivalent>();
  for (const [path, { source, mutants }] of Object.entries(report.files)) {
    const file = `${workspace}/${path}`;
    const noticed = mutants.filter(({ status }) => NOTICED.has(status)).length;
    const left = mutants.filter(({ status }) => UNNOTICED.has(status)).map((each) => describe(file, source, each));
    const equal = left.filter((change) => {
      const named = equivalents.filter((equivalent) => isSame(file, change, equivalent));
      for (const equivalent of named) used.add(equivalent);
      return named.length > 0;
    });
    files.push({ file, noticed, counted: noticed + left.length - equal.length, equivalent: equal.length });
    unnoticed.push(...left.filter((change) => !equal.includes(change)));
  }
  const here = new Set(files.map(({ file }) => file));
  const outdated = equivalents.filter((equivalent) => here.has(equivalent.file) && !used.has(equivalent));
  return { files, unnoticed, outdated };
}

/** Of what was not tried because something else than the change went wrong; figures that count it would flatter. */
export function brokenRuns(report: Report): string[] {
  return Object.values(report.files)
    .flatMap(({ mutants }) => mutants)
    .filter(({ status, statusReason = '' }) => status === 'RuntimeError' && statusReason.includes('[vitest-pool]'))
    .map(({ statusReason = '' }) => statusReason.split('\n')[0] ?? '');
}

function describe(file: string, source: string, { location, replacement = '' }: Mutant): Unnoticed {
  const { start, end } = location;
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const first = lines[0] ?? '';
  const text = lines.join('\n');
  const from = text.slice(start.column - 1, text.length - (lines.at(-1) ?? '').length + end.column - 1);
  return { at: `${file}:${start.line}`, line: first.trim(), from, to: replacement };
}

function isSame(file: string, change: Unnoticed, equivalent: Equivalent): boolean {
  return (
    equivalent.file === file &&
    equivalent.line === change.line &&
    (equivalent.to === undefined || equivalent.to === change.to)
  );
}

export function total(shares: readonly Share[]): Omit<Share, 'file'> {
  const sum = (of: (share: Share) => number): number => shares.reduce((all, share) => all + of(share), 0);
  return {
    noticed: sum(({ noticed }) => noticed),
    counted: sum(({ counted }) => counted),
    equivalent: sum(({ equivalent }) => equivalent),
  };
}
