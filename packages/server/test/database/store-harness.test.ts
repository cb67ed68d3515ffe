import { expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";

describeEachStore("the harness gives each block its own migrated database", (store) => {
  test("the service's role, the hot functions and the real time are there", async () => {
    const { database } = store();
    expect(await database.query("select current_user as role")).toEqual([{ role: "hp_app" }]);
    expect(await database.call("get_hold_v1", "nobody", "hold_none")).toEqual({ code: "unauthorized" });
    const [row] = await database.query<{ now: string }>("select holdpoint.hp_now() as now");
    expect(Math.abs(Date.parse(row!.now) - Date.now())).toBeLessThan(5_000);
  });

  test("setClock and advance shift hp_now() and it goes on from there", async () => {
    const now = async (): Promise<string> => {
      const [row] = await store().database.query<{ now: string }>("select holdpoint.hp_now() as now");
      return row!.now;
    };
    await store().setClock("2030-01-01T00:00:00Z");
    expect(await now()).toMatch(/^2030-01-01T00:00:0\d\.\d{6}Z$/);
    await store().advance(3_600_000);
    expect(await now()).toMatch(/^2030-01-01T01:00:0\d\.\d{6}Z$/);
    await store().setClock(null);
    expect(Math.abs(Date.parse(await now()) - Date.now())).toBeLessThan(5_000);
  });
});
