/** Reads a table that is written to be read: columns apart by white space, `.` for "not legal". */
export function parseTable(text: string): { row: string; column: string; cell: string | undefined }[] {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const [columns = [], ...rows] = lines;
  return rows.flatMap(([row = "", ...cells]) => {
    if (cells.length !== columns.length)
      throw new Error(`Row ${row} has ${cells.length} cells, not ${columns.length}.`);
    return cells.map((cell, index) => ({
      row,
      column: columns[index] ?? "",
      cell: cell === "." ? undefined : cell,
    }));
  });
}
