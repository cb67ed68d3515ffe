import { describe, expect, test } from "vitest";
import { KEYS, keycaps, keyGroups, type KeyName } from "./key-table.ts";
import { KeyReader, type Press } from "./pressed.ts";

const ALL = new Set(Object.keys(KEYS) as KeyName[]);

function press(key: string, more: Partial<Press> = {}): Press {
  return {
    key,
    repeat: false,
    isComposing: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    focus: "page",
    ...more,
  };
}

describe("a press means", () => {
  test.each(
    (Object.keys(KEYS) as KeyName[])
      .filter((name) => KEYS[name].keys.length === 1 && !KEYS[name].keys[0].includes("+"))
      .map((name) => [KEYS[name].keys[0], name] as const),
  )("%s: %s", (key, name) => expect(new KeyReader().read(press(key), 0, ALL)).toBe(name));

  test("two in a row are a sequence, the second alone is not", () => {
    const reader = new KeyReader();
    expect(reader.read(press("g"), 0, ALL)).toBeUndefined();
    expect(reader.read(press("a"), 100, ALL)).toBe("goAudit");
    expect(reader.read(press("a"), 200, ALL)).toBe("approve");
    reader.read(press("g"), 300, ALL);
    expect(reader.read(press("r"), 5_000, ALL)).toBe("reject");
  });

  // A broken sequence must not approve by its second half.
  test("after g a key that continues nothing does nothing", () => {
    const reader = new KeyReader();
    reader.read(press("g"), 0, ALL);
    expect(reader.read(press("e"), 10, ALL)).toBeUndefined();
    expect(reader.read(press("e"), 20, ALL)).toBe("edit");
  });

  test.each<Partial<Press>>([
    { repeat: true },
    { isComposing: true },
    { focus: "field" },
    { ctrlKey: true },
    { metaKey: true },
    { altKey: true },
  ])("nothing with %j", (more) => expect(new KeyReader().read(press("a", more), 0, ALL)).toBeUndefined());

  test("Enter belongs to the control that has the focus", () => {
    expect(new KeyReader().read(press("Enter", { focus: "control" }), 0, ALL)).toBeUndefined();
    expect(new KeyReader().read(press("Enter"), 0, ALL)).toBe("open");
  });

  test("only what is armed", () => {
    expect(new KeyReader().read(press("a"), 0, new Set(["next"]))).toBeUndefined();
  });
});

test("no two names share their keys, and the sheet has them all", () => {
  const caps = [...ALL].map((name) => keycaps(name).join(" "));
  expect(new Set(caps).size).toBe(caps.length);
  expect(keyGroups().flatMap(({ names }) => names)).toHaveLength(ALL.size);
});
