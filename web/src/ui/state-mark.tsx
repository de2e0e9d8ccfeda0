import type { ReactNode } from 'react';
import styles from './state-mark.module.css';

/** The shape of a state: readable without its colour. */
export function StateMark({ look, children }: { look: string; children: string }) {
  return (
    <span className={styles.state} data-look={look}>
      <svg
        aria-hidden="true"
        width="11"
        height="11"
        viewBox="0 0 12 12"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
      >
        {shapes[look] ?? shapes['waiting']}
      </svg>
      {children}
    </span>
  );
}

const circle = <circle cx="6" cy="6" r="4.7" />;
const shapes: Record<string, ReactNode> = {
  waiting: <circle cx="6" cy="6" r="4.7" strokeDasharray="1.6 1.6" />,
  working: circle,
  moving: <path d="M1.500 6h8M6.500 2.500L10 6l-3.500 3.500" />,
  part: (
    <>
      {circle}
      <path d="M6 1.300a4.700 4.700 0 0 0 0 9.400z" fill="currentColor" stroke="none" />
    </>
  ),
  full: <circle cx="6" cy="6" r="4.700" fill="currentColor" />,
  ended: (
    <>
      {circle}
      <path d="M3 9l6-6" />
    </>
  ),
  refused: <path d="M2.500 2.500l7 7M9.500 2.500l-7 7" />,
  unknown: <path d="M4 4.200a2 2 0 1 1 2.800 1.800c-.6.3-.8.700-.8 1.300M6 9.500v.4" />,
};
