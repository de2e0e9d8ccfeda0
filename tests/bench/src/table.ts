/** Columns as wide as they need to be; numbers to the right. */
export function printTable(heading: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [heading, ...rows.map((row) => row.map(formatted))];
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  for (const [index, row] of cells.entries()) {
    const line = row.map((cell, column) => {
      const isNumber = index > 0 && typeof rows[index - 1]?.[column] === 'number';
      return isNumber ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
    });
    console.log(line.join('  ').trimEnd());
  }
}

/** Four digits tell as much as any benchmark knows. */
function formatted(cell: string | number): string {
  if (typeof cell === 'string') return cell;
  if (Number.isInteger(cell) || Math.abs(cell) >= 1000) return Math.round(cell).toLocaleString('en-US');
  return String(Number(cell.toPrecision(4)));
}
