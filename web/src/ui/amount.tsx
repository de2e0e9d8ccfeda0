import type { ReactNode } from 'react';

/** An amount that is nobody else's business: hidden by one key. */
export function Amount({ children }: { children: ReactNode }) {
  return <span className="amount">{children}</span>;
}
