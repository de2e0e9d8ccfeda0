import { useEffect, useState } from 'react';

/** Seconds until something may be tried again, counted down. */
export function useWait(): readonly [seconds: number, wait: (seconds: number) => void] {
  const [wait, setWait] = useState(0);
  useEffect(() => {
    if (wait <= 0) return undefined;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);
  return [wait, setWait];
}
