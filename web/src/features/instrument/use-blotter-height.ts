import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { setTaste, useTaste } from '../../ui/taste.ts';

const [LEAST, MOST, USUAL] = [120, 520, 232];

/** Drawn to the size one likes, by pointer or by arrow keys, and kept. */
export function useBlotterHeight() {
  const kept = within(useTaste().blotterPx);
  const [drawn, setDrawn] = useState<number | undefined>();
  const px = drawn ?? kept;
  return {
    px,
    handle: {
      onKeyDown: (event: KeyboardEvent) => {
        const step = event.key === 'ArrowUp' ? 24 : event.key === 'ArrowDown' ? -24 : 0;
        if (step === 0) return;
        event.preventDefault();
        setTaste({ blotterPx: within(px + step) });
      },
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) setDrawn(within(px - event.movementY));
      },
      onLostPointerCapture: () => {
        setTaste({ blotterPx: px });
        setDrawn(undefined);
      },
    },
  };
}

const within = (px: number): number => (Number.isFinite(px) ? Math.min(MOST, Math.max(LEAST, Math.round(px))) : USUAL);
