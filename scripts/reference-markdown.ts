// Pieces of Markdown that the generated reference pages share.

/** A table whose columns are padded, as the formatter would. The first row is its head. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) =>
    row.map((cell) => cell.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|")),
  );
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** A whole page: a title, where it comes from, and its parts, an empty line between each. */
export function renderPage(title: string, source: string, script: string, parts: readonly string[]): string {
  return `${[
    `# ${title}`,
    `Generated from ${source} by \`node scripts/${script}\`; a test compares.`,
    ...parts,
  ].join("\n\n")}\n`;
}

/** The path of a page of the reference, from the root of the repository. */
export function referencePath(name: string): URL {
  return new URL(`../docs/reference/${name}.md`, import.meta.url);
}
