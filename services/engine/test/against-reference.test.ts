import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Side } from '../src/domain/codes.ts';
import type { Command } from '../src/domain/command.ts';
import { apply } from '../src/domain/engine.ts';
import { findDepth } from '../src/domain/queries.ts';
import { readReport } from '../src/domain/reports.ts';
import type { EngineState } from '../src/domain/state.ts';
import { type Body, engine } from './flow.ts';
import { commands } from './random-commands.ts';
import { applyNaively } from './reference/engine.ts';
import { createMarket, levelsOn, type Row } from './reference/market.ts';
import { regressions } from './regressions.ts';

const numRuns = process.env['ANDVARI_LONG'] === '1' ? 100_000 : 3_000;

test('the engine and the naive reference report the same and stand at the same levels after every command', () => {
  fc.assert(fc.property(commands(), agree), { numRuns });
}, 3_600_000);

test.each(regressions)('regression: %s', (_, bodies) => agree(bodies));

function agree(bodies: Body<Command>[]): void {
  const state = engine();
  const reference = createMarket();
  bodies.forEach((body, i) => {
    const command = { ...body, sequence: i + 1, at: (i + 1) * 10 };
    const rows = applyNaively(reference, command);
    apply(state, command);
    expect({ i, rows: rowsOf(state) }).toEqual({ i, rows });
    expect({ i, refusal: state.reports.refusal }).toEqual({ i, refusal: reference.refusal });
    for (const side of [Side.buy, Side.sell]) {
      expect({ i, levels: levelsOf(state, side) }).toEqual({ i, levels: levelsOn(reference, side) });
    }
  });
}

function rowsOf(state: EngineState): Row[] {
  return Array.from({ length: state.reports.count }, (_, i) => {
    const report = readReport(state.reports, state.orders, state.partition, i);
    return {
      execType: report.execType,
      order: report.orderId.a === 0 ? report.orderId.d : -1,
      status: report.status,
      lastQty: report.lastQty,
      lastPx: report.lastPx,
      cum: report.cumQty,
      leaves: report.leavesQty,
      avgPx: report.avgPx,
      liquidity: report.liquidity,
      trade: report.tradeId === undefined ? undefined : Number(report.tradeId.split('-t')[1]),
      reason: report.reason,
      refused: report.refused,
      linked: report.linkedId?.d,
    };
  });
}

function levelsOf(state: EngineState, side: Side): [number, number, number][] {
  const depth = findDepth(state, 'ACME', Infinity);
  const levels = side === Side.buy ? depth?.bids : depth?.asks;
  return (levels ?? []).map(({ price, qty, orders }) => [price, qty, orders]);
}
