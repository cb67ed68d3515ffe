// P16, questions to many: end users with one open question each, answered in random order by several processes, the
// service killed twice in between.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optionsOf } from "../../test/system/answers/choices.config.ts";
import { everybodyAnswers } from "../../test/system/answers/everybody-answers.ts";
import { pickOf } from "../../test/system/answers/pick-of.ts";
import { endAll } from "../../test/system/service-process.ts";
import { startObservedPostgres } from "../measurement/observed-postgres.ts";
import type { RowOptions } from "./row-options.ts";

export interface QuestionsResult {
  people: number;
  kills: number;
  /** People whose run did not end, did not resume exactly once, or holds another answer than theirs. */
  astray: number;
  /** Effects that were begun again because an instance was killed over them; each is there once. */
  repeated: number;
  askedSeconds: number;
  answeredSeconds: number;
  /** Resident bytes of an instance that has just started, over nothing and over everybody's question; 0 where unknown. */
  memory: { none: number; all: number };
}

export async function measureQuestions({
  plan,
  log,
}: Pick<RowOptions, "plan" | "log">): Promise<QuestionsResult> {
  const folder = mkdtempSync(join(tmpdir(), "holdpoint-bench-questions-"));
  await using running = new AsyncDisposableStack();
  running.defer(() => rmSync(folder, { recursive: true, force: true }));
  const postgres = await startObservedPostgres();
  running.defer(() => postgres.remove());
  running.defer(() => endAll());
  const database = "questions";
  const databaseUrl = await postgres.createDatabase(database);
  const count = (sql: string): Promise<number> => postgres.readNumber(database, sql);
  const { people, kills, endUserIds, ...times } = await everybodyAnswers({
    people: plan.people,
    answering: 3,
    databaseUrl,
    folder,
    count,
    log,
  });
  // One row for whoever has what is theirs: run, answer, resumption, effect.
  await postgres.run(database, "create table expected (person text primary key, picked text not null)");
  for (const part of inParts(endUserIds, 500)) {
    const values = part.map((person) => `('${person}', '${pickOf(person, optionsOf(person))}')`);
    await postgres.run(database, `insert into expected values ${values.join(", ")}`);
  }
  const fine = await count(FINE);
  return {
    people,
    kills,
    astray: people - fine,
    repeated: await count("select count(*) from public.picks where times > 1"),
    ...times,
  };
}

const FINE = `
  select count(*) from expected e
  join holdpoint.runs r on r.end_user_id = e.person and r.status = 'completed'
    and r.output #>> '{}' = '{"picked":"' || e.picked || '"}'
  join public.picks p on p.run_id = r.id and p.picked = e.picked and p.end_user_id = e.person
  where (select count(*) from holdpoint.events v where v.run_id = r.id and v.type = 'run.resumed') = 1
    and (select count(*) from holdpoint.holds h where h.run_id = r.id) = 1
    and (select count(*) from public.picks o where o.end_user_id = e.person) = 1`;

function inParts<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
