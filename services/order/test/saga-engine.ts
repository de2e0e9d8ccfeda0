import { ExecutionReport } from '@andvari/proto/engine/v1/reports';
import { Phase } from '../../engine/src/domain/codes.ts';
import { apply } from '../../engine/src/domain/engine.ts';
import { findOrder, type OrderView } from '../../engine/src/domain/queries.ts';
import { readReport } from '../../engine/src/domain/reports.ts';
import { createState, type EngineState } from '../../engine/src/domain/state.ts';
import { parseUuid } from '../../engine/src/domain/uuid.ts';
import { decodeCommand } from '../../engine/src/messages/decode-command.ts';
import { encodeReport } from '../../engine/src/messages/encode-report.ts';
import type { Report } from '../src/domain/life.ts';
import { reportFrom } from '../src/messages/report.ts';

export interface Logged {
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** The engine itself behind a log in memory: what it knows is the log, applied. Killed, it reads it again from the beginning. */
export class SagaEngine {
  #state: EngineState = open();
  #read = 0;

  /** The reports of the next command of the log, or nothing when all is read. */
  step(log: readonly Logged[]): Report[] {
    const logged = log[this.#read];
    if (logged === undefined) return [];
    this.#read += 1;
    // The first two numbers were taken by the opening.
    const command = decodeCommand({ sequence: this.#read + 2, atUs: this.#read * 1000, ...logged });
    const reports = apply(this.#state, command);
    return Array.from({ length: reports.count }, (_, row) => {
      const { payload } = encodeReport(readReport(reports, this.#state.orders, 0, row), command.symbol);
      return reportFrom(ExecutionReport.decode(payload));
    });
  }

  isBehind(log: readonly Logged[]): boolean {
    return this.#read < log.length;
  }

  kill(): void {
    this.#state = open();
    this.#read = 0;
  }

  find(orderId: string): OrderView | undefined {
    const id = parseUuid(orderId);
    return id === undefined ? undefined : findOrder(this.#state, id);
  }
}

function open(): EngineState {
  const state = createState({ partition: 0, orders: 64, rememberedIds: 256 });
  const symbol = 'ACME';
  apply(state, { kind: 'define_instrument', symbol, tick: 10_000, tickBelowOne: 100, lot: 1, sequence: 1, at: 0 });
  apply(state, { kind: 'set_phase', symbol, phase: Phase.open, sequence: 2, at: 0 });
  return state;
}
