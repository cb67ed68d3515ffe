import { describe, expect, test } from "vitest";
import { EMPTY_GRANT, readGrantDraft } from "./grant-draft.ts";
import { conditionOf } from "./pinned-condition.ts";

describe("a grant", () => {
  test("is the narrowest there is, unless a person widens it", () => {
    expect(readGrantDraft("hold_1", EMPTY_GRANT)).toEqual({
      grant: { holdId: "hold_1", expiresInSeconds: 2_592_000 },
    });
    expect(
      readGrantDraft("hold_1", {
        ...EMPTY_GRANT,
        which: "any",
        onlyAgent: false,
        onlyEndUser: false,
        uses: "5",
      }),
    ).toEqual({
      grant: {
        holdId: "hold_1",
        condition: null,
        agentId: null,
        endUserId: null,
        expiresInSeconds: 2_592_000,
        uses: 5,
      },
    });
  });

  test.each([
    [{ which: "condition" as const, condition: " " }, "condition"],
    [{ uses: "0" }, "uses"],
    [{ uses: "1.5" }, "uses"],
    [{ uses: "many" }, "uses"],
    [{ budget: "0" }, "budget"],
  ])("%j says nothing that can be sent", (change, name) => {
    expect(readGrantDraft("hold_1", { ...EMPTY_GRANT, ...change })).toEqual({
      problems: { [name]: expect.any(String) },
    });
  });

  test("its condition begins with every plain argument as it is", () => {
    expect(conditionOf({ table: 'us"ers', count: 50, dry: false, note: null, "a b": 1, list: [1] })).toBe(
      'arguments.table == "us\\"ers" && arguments.count == 50 && arguments.dry == false && arguments.note == null && arguments["a b"] == 1',
    );
    expect(conditionOf({})).toBe("true");
  });
});
