import { expect, test } from "vitest";
import { createToolDatabase } from "../../src/runs/tool-database.ts";
import { describeEachStore } from "../../src/testing/stores.ts";

/** What a tool's SQL may not reach, also when the tool pasted a model's words into it. */
describeEachStore("the database of tools", (store) => {
  test.each([
    "select * from holdpoint.holds",
    "select hash from holdpoint.api_keys",
    'select * from auth."session"',
    "update holdpoint.holds set status = 'approved'",
    "select holdpoint.decide_v1('{}')",
    "create table holdpoint.mine (a int)",
  ])("%s is not its to say", async (text) => {
    await expect(createToolDatabase(store().database).query(text)).rejects.toThrow(/permission denied/);
  });

  test("a second statement behind the first is refused, so that nobody leaves the role by words", async () => {
    const tools = createToolDatabase(store().database);
    for (const words of ["'; reset role; select hash from holdpoint.api_keys --", "'; commit; select 1 --"]) {
      await expect(tools.query(`select 1 where 'a' = '${words}'`)).rejects.toThrow(/multiple commands/);
    }
    expect(await tools.query("select current_user::text as role")).toEqual([{ role: "hp_tools" }]);
  });
});
