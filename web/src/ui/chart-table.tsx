import type { ReactNode } from 'react';
import styles from './chart-table.module.css';

/** What a chart draws, as numbers, the newest first; `frame` is the box that it scrolls in. */
export function ChartTable({
  label,
  heads,
  frame,
  children,
}: {
  label: string;
  heads: readonly string[];
  frame: string | undefined;
  children: ReactNode;
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is scrolled by keyboard as well
    <div className={frame} tabIndex={0} role="group" aria-label={`${label}, to scroll through`}>
      <table className={styles.figures} aria-label={label}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
