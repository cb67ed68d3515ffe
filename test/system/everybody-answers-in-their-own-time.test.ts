// 300 end users with one open question each, answered in random order by several processes, while the service is killed twice.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestStore, type OpenTestStore } from "../../packages/server/src/testing/stores.ts";
import { pickOf } from "./answers/pick-of.ts";
import { optionsOf } from "./answers/choices.config.ts";
import { everybodyAnswers, type EverybodyResult } from "./answers/everybody-answers.ts";
import { endAll, temporaryFolder } from "./service-process.ts";

const PEOPLE = 300;
const folder = temporaryFolder();
let store: OpenTestStore;
let result: EverybodyResult;

/** Rows across organisations are seen by the definer's role only. */
async function query<Row extends object>(sql: string): Promise<Row[]> {
  return store.database.ownerSession(async (owner) => {
    await owner.query("begin");
    await owner.query("set local role hp_definer");
    const { rows } = await owner.query<Row>(sql);
    await owner.query("commit");
    return rows;
  });
}

beforeAll(async () => {
  store = await openTestStore("postgres");
  result = await everybodyAnswers({
    people: PEOPLE,
    answering: 3,
    databaseUrl: store.url ?? "",
    folder: folder.path,
    count: async (sql) => Object.values((await query<Record<string, number>>(sql))[0] ?? {})[0] ?? -1,
  });
}, 180_000);
afterAll(async () => {
  await endAll();
  await store.close();
  folder.remove();
});

test("each run ends with its own answer, and with nobody else's", async () => {
  const runs = await query<{ end_user_id: string; status: string; output: string }>(
    "select end_user_id, status, output from holdpoint.runs",
  );
  expect(result.kills).toBe(2);
  expect(runs).toHaveLength(PEOPLE);
  for (const { end_user_id: person, status, output } of runs) {
    expect({ person, status, output }).toEqual({
      person,
      status: "completed",
      output: JSON.stringify({ picked: pickOf(person, optionsOf(person)) }),
    });
  }
});

test("each was asked once, answered once, by the person asked", async () => {
  const holds = await query<{ end_user_id: string; status: string; by: string }>(
    "select end_user_id, status, outcome->'by'->>'id' as by from holdpoint.holds",
  );
  expect(holds.map(({ end_user_id: person, status, by }) => `${person} ${status} by ${by}`).sort()).toEqual(
    result.endUserIds.map((person) => `${person} answered by ${person}`).sort(),
  );
  const decided = await query<{ times: number }>(
    "select count(*)::int as times from holdpoint.events where type = 'hold.decided' group by hold_id",
  );
  expect(decided).toEqual(Array.from({ length: PEOPLE }, () => ({ times: 1 })));
});

test("each run resumes once", async () => {
  const resumed = await query<{ times: number }>(
    "select count(*)::int as times from holdpoint.events where type = 'run.resumed' group by run_id",
  );
  expect(resumed).toEqual(Array.from({ length: PEOPLE }, () => ({ times: 1 })));
});

test("the side effect of each is there once, with its own answer", async () => {
  // As the owner of the table: it is the example's own.
  const { rows } = await store.database.ownerSession((owner) =>
    owner.query<{ end_user_id: string; picked: string; times: number }>(
      "select end_user_id, picked, times from public.picks",
    ),
  );
  expect(rows.map(({ end_user_id: person, picked }) => `${person} ${picked}`).sort()).toEqual(
    result.endUserIds.map((person) => `${person} ${pickOf(person, optionsOf(person))}`).sort(),
  );
  // Again only what an instance was doing when it was killed: 16 calls at a time, two kills.
  expect(rows.filter(({ times }) => times > 1).length).toBeLessThanOrEqual(32);
});

test.runIf(process.platform === "linux")("an instance needs no more memory because they wait", () => {
  const { none, all } = result.memory;
  expect(none).toBeGreaterThan(0);
  expect(all / none).toBeLessThan(1.15);
});
