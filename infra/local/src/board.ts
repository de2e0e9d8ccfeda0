import { clearState, type Part, type RunState, saveState, type Topology } from './run-state.ts';

/** What runs and how it is, kept on disk for `status`, `down` and a second `up`. */
export class Board {
  readonly state: RunState;
  readonly #home: string;

  constructor(home: string, topology: Topology) {
    this.#home = home;
    this.state = { pid: process.pid, phase: 'starting', topology, parts: [] };
  }

  enter(phase: RunState['phase']): void {
    this.state.phase = phase;
    saveState(this.#home, this.state);
  }

  add(...parts: Part[]): void {
    this.state.parts.push(...parts);
    saveState(this.#home, this.state);
  }

  /** They came in the order in which they were ready. */
  sort(names: string[]): void {
    this.state.parts.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  }

  set(parts: Part[], change: Partial<Part>): void {
    for (const part of parts) Object.assign(part, change);
    saveState(this.#home, this.state);
  }

  clear(): void {
    clearState(this.#home);
  }
}
