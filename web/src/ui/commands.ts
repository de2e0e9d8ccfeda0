import { useEffect, useRef } from 'react';

/** What can be asked of whichever part is on the screen, by key, palette or button, without one part knowing the other. */
export type Command =
  | { name: 'ticket.side'; side: 'BUY' | 'SELL' }
  | { name: 'ticket.price'; price: string; side: 'BUY' | 'SELL' }
  | { name: 'order.replace'; orderId: string }
  | { name: 'order.cancel'; orderId: string }
  | { name: 'chart.timeframe'; index: number }
  | { name: 'palette' }
  | { name: 'keys' };

type Handler = (command: Command) => boolean;
const handlers = new Set<Handler>();

/** True when somebody took it; the newest on the screen is asked first. */
export function run(command: Command): boolean {
  return [...handlers].toReversed().some((handler) => handler(command));
}

export function useCommands(handler: Handler): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    const call: Handler = (command) => latest.current(command);
    handlers.add(call);
    return () => void handlers.delete(call);
  }, []);
}
