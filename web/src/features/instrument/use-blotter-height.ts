import { type KeyboardEvent, type PointerEvent, useState } from 'react';

const KEY = 'andvari.blotter';
const [LEAST, MOST, USUAL] = [120, 520, 232];

/** Drawn to the size one likes, by pointer or by arrow keys, and kept. */
export function useBlotterHeight() {
  const [px, setPx] = useState(() => within(Number(localStorage.getItem(KEY) ?? USUAL)));
  const become = (next: number): void => {
    setPx(within(next));
    localStorage.setItem(KEY, String(within(next)));
  };
  return {
    px,
    handle: {
      onKeyDown: (event: KeyboardEvent) => {
        const step = event.key === 'ArrowUp' ? 24 : event.key === 'ArrowDown' ? -24 : 0;
        if (step === 0) return;
        event.preventDefault();
        become(px + step);
      },
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) become(px - event.movementY);
      },
    },
  };
}

const within = (px: number): number => (Number.isFinite(px) ? Math.min(MOST, Math.max(LEAST, Math.round(px))) : USUAL);
