import type { Book } from './book.ts';
import { createLevels, type Levels } from './book-side.ts';
import { createIdTable, type IdTable } from './id-table.ts';
import { createOrders } from './order-slots.ts';
import { type Orders } from './orders.ts';
import { createReports, type Reports } from './reports.ts';

/** One partition of the market. Everything in it is a function of the commands applied. */
export interface EngineState {
  readonly partition: number;
  /** The last command applied; one that is not newer is ignored. */
  sequence: number;
  /** The time of that command. */
  at: number;
  arrivals: number;
  commands: number;
  trades: number;
  readonly orders: Orders;
  readonly levels: Levels;
  ids: IdTable;
  readonly books: Book[];
  readonly bySymbol: Map<string, Book>;
  readonly reports: Reports;
  /** Orders whose turn comes when the order being matched is done; empty between commands. */
  readonly agenda: number[];
}

export interface EngineOptions {
  partition: number;
  /** Rows to begin with; tables double when full. */
  orders?: number;
  /** How many ended orders are remembered at least (see IdTable). Part of the state: never change it on a live log. */
  rememberedIds?: number;
}

export function createState({ partition, orders = 1024, rememberedIds = 2 ** 16 }: EngineOptions): EngineState {
  return {
    partition,
    sequence: 0,
    at: 0,
    arrivals: 0,
    commands: 0,
    trades: 0,
    orders: createOrders(orders),
    levels: createLevels(Math.max(16, orders >> 2)),
    ids: createIdTable(rememberedIds),
    books: [],
    bySymbol: new Map(),
    reports: createReports(256),
    agenda: [],
  };
}
