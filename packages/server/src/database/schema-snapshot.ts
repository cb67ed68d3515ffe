import type pg from "pg";
import * as catalogue from "./catalogue.ts";

/**
 * Schema `holdpoint` as text, from catalogue queries: the same on every kind and version of PostgreSQL, and
 * readable as a review's diff. Run as the owner.
 */
export async function dumpSchema(owner: pg.ClientBase): Promise<string> {
  const sections: string[] = [];
  for (const [title, query] of Object.entries(catalogue.schemaQueries)) {
    const { rows } = await owner.query<{ line: string }>(query);
    sections.push([`# ${title}`, ...rows.map(({ line }) => line)].join("\n"));
  }
  return `${sections.join("\n\n")}\n`;
}

interface ColumnRow {
  table: string;
  column: string;
  type: string;
  is_nullable: boolean;
  has_default: boolean;
}

/** The text of `schema.ts`: the tables of schema `holdpoint` as Kysely wants them. Run as the owner. */
export async function renderSchemaTypes(owner: pg.ClientBase): Promise<string> {
  const { rows } = await owner.query<ColumnRow>(catalogue.columnsForTypes);
  const tables = Map.groupBy(rows, (row) => row.table);
  const interfaces = Array.from(tables, ([table, columns]) =>
    [`export interface ${interfaceName(table)} {`, ...columns.map(renderColumn), "}"].join("\n"),
  );
  const entries = Array.from(tables.keys(), (table) => `  ${table}: ${interfaceName(table)};`);
  return `// Generated from the migrations; UPDATE_SNAPSHOT=1 with test/database/schema-snapshot.test.ts writes it anew.
import type { ColumnType, Generated } from "kysely";

/** JSON is read as parsed and written as text, so that what is stored is exactly what was rendered. */
export type JsonColumn = ColumnType<unknown, string, string>;

${interfaces.join("\n\n")}

/** The tables of schema \`holdpoint\`. */
export interface Schema {
${entries.join("\n")}
}
`;
}

function interfaceName(table: string): string {
  return `${table.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Table`;
}

/** What `pg` gives for a type with our parsers. Instants and 64-bit transaction ids are text. */
const TYPES: Record<string, string> = {
  bool: "boolean",
  int2: "number",
  int4: "number",
  int8: "number | string",
  float8: "number",
  json: "JsonColumn",
  jsonb: "JsonColumn",
  bytea: "Buffer",
  _text: "string[]",
};

function renderColumn({ column, type, is_nullable, has_default }: ColumnRow): string {
  const base = TYPES[type] ?? "string";
  const nullable = is_nullable ? nullableType(base) : base;
  return `  ${column}: ${has_default && !is_nullable ? `Generated<${nullable}>` : nullable};`;
}

function nullableType(base: string): string {
  return base === "JsonColumn" ? "JsonColumn | null" : `${base} | null`;
}
