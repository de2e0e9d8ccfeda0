import type { Board } from './panels.ts';
import { systemBoards } from './system-boards.ts';
import { tradingBoards } from './trading-boards.ts';

export const boards: readonly Board[] = [...systemBoards, ...tradingBoards];
