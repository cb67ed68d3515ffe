import type pg from "pg";
import type { HotFunctionName } from "./database.ts";

type Runner = Pick<pg.ClientBase, "query">;

const statements = new Map<string, { name: string; text: string }>();

function hotStatement(name: HotFunctionName, argumentCount: number): { name: string; text: string } {
  const key = `${name}/${argumentCount}`;
  const known = statements.get(key);
  if (known) return known;
  if (!/^[a-z][a-z0-9_]*_v\d+$/.test(name)) throw new TypeError(`Not the name of a hot function: ${name}`);
  const parameters = Array.from({ length: argumentCount }, (_, index) => `$${index + 1}`).join(", ");
  const statement = { name: key, text: `select holdpoint.${name}(${parameters}) as result` };
  statements.set(key, statement);
  return statement;
}

/** Runs a hot function by its prepared statement and resolves to its parsed result. */
export async function runHotFunction(
  runner: Runner,
  name: HotFunctionName,
  args: unknown[],
): Promise<unknown> {
  const result = await runner.query<{ result: unknown }>({
    ...hotStatement(name, args.length),
    values: args,
  });
  return result.rows[0]?.result;
}

/** Runs a hot function for each command, in their order and in one transaction; resolves to its parsed results. */
export async function runHotFunctionForEach(
  runner: Runner,
  name: HotFunctionName,
  commands: readonly object[],
): Promise<unknown[]> {
  const { text } = hotStatement(name, 1);
  const { rows } = await runner.query<{ result: unknown }>({
    name: `${name}/each`,
    // Nobody in a group waits long for somebody else's lock, as all of them would: it fails, and each goes by itself.
    text: `${text.replace("$1", "command")} from (select set_config('lock_timeout', '1s', true)) as limited, json_array_elements($1) as given (command)`,
    values: [JSON.stringify(commands)],
  });
  return rows.map(({ result }) => result);
}

/** Runs one statement and resolves to its rows. */
export async function runQuery<Row extends object>(
  runner: Runner,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const result = await runner.query<Row>(text, values);
  return result.rows;
}
