/** Columns padded to their widest cell; those in `leftColumns` are left-aligned. */
export function renderTable(rows: readonly string[][], leftColumns: readonly number[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return leftColumns.includes(column) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
}

/** A count with separators. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A figure that the system may not have said. */
export function known(value: number | null, render: (value: number) => string): string {
  return value === null ? "not said" : render(value);
}
