import { expect, test } from "vitest";
import { renderInstant } from "../../src/database/type-parsers.ts";
import { describeEachStore } from "../../src/testing/stores.ts";

describeEachStore("values leave the database without loss", (store) => {
  const select = async (expression: string, values: unknown[] = []): Promise<unknown> =>
    (await store().database.query<{ value: unknown }>(`select ${expression} as value`, values))[0]?.value;

  test("instants are text in UTC with microseconds, whatever the server's zone", async () => {
    expect(await select("timestamptz '2026-08-01 12:00:00.123456+02'")).toBe("2026-08-01T10:00:00.123456Z");
    expect(await select("timestamptz '2026-08-01 12:00:00+00'")).toBe("2026-08-01T12:00:00.000000Z");
    expect(await select("array[timestamptz '2026-08-01 12:00:00.5+00', null]")).toEqual([
      "2026-08-01T12:00:00.500000Z",
      null,
    ]);
    expect(await select("timestamptz 'infinity'")).toBe("infinity");
    expect(await select("date '2026-08-01'")).toBe("2026-08-01");
    expect(await select("current_setting('TimeZone')")).toBe("UTC");
  });

  test("an instant that left goes back to the same instant, and orders as text", async () => {
    const instant = "2026-08-01T12:00:00.123456Z";
    expect(await select("$1::timestamptz", [instant])).toBe(instant);
    expect(renderInstant("2026-08-01 12:00:00+00") < renderInstant("2026-08-01 12:00:00.1+00")).toBe(true);
  });

  test("64-bit integers are numbers while a number holds them", async () => {
    expect(await select("9007199254740991::int8")).toBe(9_007_199_254_740_991);
    expect(await select("9007199254740993::int8")).toBe("9007199254740993");
    expect(await select("array[1::int8, 9007199254740993, null]")).toEqual([1, "9007199254740993", null]);
  });

  test("JSON comes parsed with its instants as text, from a domain comes its base type", async () => {
    expect(await select("json_build_object('at', timestamptz '2026-08-01 12:00:00.123456+00')")).toEqual({
      at: "2026-08-01T12:00:00.123456+00:00",
    });
    expect(await select("'x'::holdpoint.id")).toBe("x");
  });

  test("hot functions take objects as JSON, arrays as arrays, undefined as NULL", async () => {
    const { database } = store();
    expect(await database.call("decide_v1", { credentialHash: "nobody" })).toMatchObject({
      code: "unauthorized",
    });
    expect(await database.call("expire_due_v1", ["evt_1"])).toMatchObject({ expired: [] });
    expect(await database.call("get_hold_v1", undefined, "hold")).toEqual({ code: "unauthorized" });
    await expect(database.call("drop table x; select f_v1")).rejects.toThrow(/Not the name/);
  });
});
