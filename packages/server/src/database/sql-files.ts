import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

/** A file of SQL that is applied as a whole. */
export interface SqlFile {
  /** Its name without `.sql`. */
  readonly name: string;
  readonly sql: string;
  /** Of its text with line ends as LF, so that a checkout on Windows is the same file. */
  readonly sha256: string;
}

export interface MigrationFile extends SqlFile {
  readonly number: number;
}

/** The `*.sql` files of a folder, sorted by name. */
export async function readSqlFiles(folder: URL): Promise<SqlFile[]> {
  const fileNames = (await readdir(folder)).filter((name) => name.endsWith(".sql")).toSorted();
  return Promise.all(
    fileNames.map(async (fileName) => {
      const sql = (await readFile(new URL(fileName, folder), "utf8")).replaceAll("\r\n", "\n");
      return {
        name: fileName.slice(0, -".sql".length),
        sql,
        sha256: createHash("sha256").update(sql).digest("hex"),
      };
    }),
  );
}

/** The `NNNNNN-name.sql` files of a folder in order; throws on another name or a number used twice. */
export async function readMigrationFiles(folder: URL): Promise<MigrationFile[]> {
  const files = (await readSqlFiles(folder)).map((file) => {
    const number = /^(\d{6})-[a-z0-9-]+$/.exec(file.name)?.[1];
    if (number === undefined)
      throw new Error(`${file.name}.sql in ${folder.href} is not named NNNNNN-name.sql.`);
    return { ...file, number: Number(number) };
  });
  const repeated = files.find((file, index) => file.number === files[index - 1]?.number);
  if (repeated) throw new Error(`Two migrations have the number of ${repeated.name}.`);
  return files;
}
