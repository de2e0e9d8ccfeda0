import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import styles from './grid.module.css';

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  align?: 'start' | 'end';
  /** How two rows compare; without it the column cannot be sorted. */
  order?: (left: Row, right: Row) => number;
  /** Where there is no room a row has two lines: which corner, nowhere, or beneath them once the row has the focus. */
  phone?: 'start' | 'end' | 'start-2' | 'end-2' | 'below' | 'hidden';
  width?: string;
  /** Has what the others leave, and is cut where that is not enough. */
  gives?: boolean;
  /** Left out first, before rows have two lines. */
  spare?: boolean;
}

export type Sorting = { key: string; direction: 'up' | 'down' } | undefined;

/** A table whose columns stand still, in as much room as there is. Rows take the focus by arrow keys, J and K; Enter opens. */
export function Grid<Row>({
  label,
  columns,
  rows,
  keyOf,
  onOpen,
  onRowKey,
  rowLabel,
  expanded,
  defaultSorting,
  isHeir,
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  onOpen?: ((row: Row) => void) | undefined;
  /** Keys beyond the usual ones; true when it was one of them. */
  onRowKey?: (key: string, row: Row) => boolean;
  rowLabel?: (row: Row) => string;
  expanded?: (row: Row) => ReactNode;
  defaultSorting?: Sorting;
  /** Whether a row came in the place of one that is gone: then it has its focus too. */
  isHeir?: (row: Row, gone: Row) => boolean;
}) {
  const [sorting, setSorting] = useState<Sorting>(defaultSorting);
  const body = useRef<HTMLTableSectionElement>(null);
  const shown = sorted(rows, columns, sorting);
  const noteFocus = useKeptFocus(body, shown, keyOf, isHeir);
  const table = useRef<HTMLTableElement>(null);
  useFitting(table, `${rows.length} ${columns.length}`);

  const keys = (event: KeyboardEvent<HTMLTableRowElement>, row: Row): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = rowSteps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const all = [...(body.current?.querySelectorAll<HTMLTableRowElement>('tr[tabindex]') ?? [])];
      all[all.indexOf(event.currentTarget) + step]?.focus();
    } else if (event.key === 'Enter' && onOpen !== undefined) {
      event.preventDefault();
      onOpen(row);
    } else if (onRowKey?.(event.key.toLowerCase(), row) === true) event.preventDefault();
  };

  return (
    <div className={styles.scroll}>
      <table
        ref={table}
        className={styles.grid}
        aria-label={label}
        data-sorted={sorting === undefined ? undefined : ''}
      >
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                data-align={column.align}
                data-gives={column.gives}
                data-spare={column.spare}
                style={column.width === undefined ? undefined : { width: column.width }}
                aria-sort={
                  sorting?.key === column.key ? (sorting.direction === 'up' ? 'ascending' : 'descending') : undefined
                }
              >
                {column.order === undefined ? (
                  column.title || <span className="visually-hidden">Acts</span>
                ) : (
                  <button type="button" onClick={() => setSorting(nextSorting(sorting, column.key))}>
                    {column.title}
                    <span aria-hidden="true">
                      {sorting?.key === column.key ? (sorting.direction === 'up' ? ' ↑' : ' ↓') : ''}
                    </span>
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {shown.flatMap((row) => {
            const more = expanded?.(row);
            return [
              <tr
                key={keyOf(row)}
                data-key={keyOf(row)}
                tabIndex={onOpen === undefined && onRowKey === undefined ? undefined : 0}
                aria-label={rowLabel?.(row)}
                onFocus={(event) => noteFocus(event.target === event.currentTarget ? row : undefined)}
                onBlur={({ relatedTarget: next }) => next?.closest('dialog') === null && noteFocus(undefined)}
                onKeyDown={(event) => keys(event, row)}
                onDoubleClick={onOpen === undefined ? undefined : () => onOpen(row)}
              >
                {columns.map((column) => (
                  <td
                    key={column.key}
                    data-align={column.align}
                    data-gives={column.gives}
                    data-spare={column.spare}
                    data-phone={column.phone ?? 'hidden'}
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>,
              more == null || more === false ? null : (
                <tr key={`${keyOf(row)}-more`} className={styles.more}>
                  <td colSpan={columns.length}>{more}</td>
                </tr>
              ),
            ];
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The focus of a row that went goes to its heir, else to the row that stands in its place now; nobody is thrown out of the list. */
function useKeptFocus<Row>(
  body: RefObject<HTMLTableSectionElement | null>,
  shown: readonly Row[],
  keyOf: (row: Row) => string,
  isHeir: ((row: Row, gone: Row) => boolean) | undefined,
): (row: Row | undefined) => void {
  const focused = useRef<{ row: Row; at: number } | undefined>(undefined);
  useLayoutEffect(() => {
    const was = focused.current;
    if (was === undefined || document.activeElement !== document.body) return;
    if (shown.some((row) => keyOf(row) === keyOf(was.row))) return;
    const heir = shown.findIndex((row) => isHeir?.(row, was.row) === true);
    const row = shown[heir === -1 ? Math.min(was.at, shown.length - 1) : heir];
    if (row !== undefined) body.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(keyOf(row))}"]`)?.focus();
  });
  return (row) => {
    focused.current = row === undefined ? undefined : { row, at: shown.indexOf(row) };
  };
}

/** All columns, else without the spare ones, else two lines a row: by what there is to show and the room for it, not by the device. */
function useFitting(table: RefObject<HTMLTableElement | null>, contents: string): void {
  useLayoutEffect(() => fit(table.current), [table, contents]);
  useEffect(() => {
    const room = table.current?.parentElement;
    if (room == null) return undefined;
    let knownWidth = room.clientWidth;
    const watch = new ResizeObserver(() => {
      if (room.clientWidth === knownWidth) return;
      knownWidth = room.clientWidth;
      // In the next frame: what is changed while sizes are told would be told at once again.
      requestAnimationFrame(() => fit(table.current));
    });
    watch.observe(room);
    return () => watch.disconnect();
  }, [table]);
}

function fit(table: HTMLTableElement | null): void {
  const room = table?.parentElement?.clientWidth;
  if (table === null || room === undefined) return;
  for (const way of ['all', 'some', 'two-lines']) {
    table.dataset['fit'] = way;
    if (table.offsetWidth <= room) return;
  }
}

const rowSteps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

/** Up, down, and back to the order in which they came. */
function nextSorting(sorting: Sorting, key: string): Sorting {
  if (sorting?.key !== key) return { key, direction: 'down' };
  return sorting.direction === 'down' ? { key, direction: 'up' } : undefined;
}

function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sorting: Sorting): readonly Row[] {
  const compare = columns.find(({ key }) => key === sorting?.key)?.order;
  if (compare === undefined) return rows;
  const sign = sorting?.direction === 'down' ? -1 : 1;
  return rows.toSorted((left, right) => sign * compare(left, right));
}
