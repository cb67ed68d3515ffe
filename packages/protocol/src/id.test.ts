import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createId, ID_PREFIXES, idPrefix, idTime, isId } from "./id.ts";

test("writes the UUIDv7 of RFC 9562, appendix A.6, as TypeID does", () => {
  // 017F22E2-79B0-7CC3-98C4-DC0C0C07398F
  const random = () =>
    Uint8Array.from([0, 0, 0, 0, 0, 0, 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
  const id = createId("hold", { now: 0x017f22e279b0, random });
  let bits = 0n;
  for (const character of id.slice(5))
    bits = bits * 32n + BigInt("0123456789abcdefghjkmnpqrstvwxyz".indexOf(character));
  expect(bits.toString(16)).toBe("17f22e279b07cc398c4dc0c0c07398f");
  expect(idTime(id)).toBe(0x017f22e279b0);
});

test.each(ID_PREFIXES)("%s: what is created is an id of that kind only", (prefix) => {
  const id = createId(prefix);
  expect(id).toMatch(new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`));
  expect(ID_PREFIXES.filter((other) => isId(other, id))).toEqual([prefix]);
  expect(idPrefix(id)).toBe(prefix);
});

const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe("properties", () => {
  test("an id tells its time", () =>
    fc.assert(
      fc.property(time, (now) => {
        expect(idTime(createId("run", { now }))).toBe(now);
      }),
    ));

  test("ids sort by time, as text", () => {
    fc.assert(
      fc.property(time, time, (one, other) => {
        fc.pre(one < other);
        expect(createId("run", { now: one }) < createId("run", { now: other })).toBe(true);
      }),
    );
  });

  test("74 bits are random: each of them shows in the id", () => {
    const made = new Set<string>();
    for (let bit = 0; bit < 128; bit++) {
      const random = () =>
        Uint8Array.from({ length: 16 }, (_, index) => (index === bit >> 3 ? 1 << (bit & 7) : 0));
      made.add(createId("evt", { now: 0, random }));
    }
    expect(made.size).toBe(74 + 1); // all other bits give the same id
  });
});

test.each([
  "",
  "hold_",
  "hold_0",
  `hold_${"8".repeat(26)}`,
  `hold_${"0".repeat(25)}I`,
  `hold_${"0".repeat(27)}`,
  `HOLD_${"0".repeat(26)}`,
  `hold_${"0".repeat(25)}\n`,
  `toString_${"0".repeat(26)}`,
])("%j is no id", (text) => {
  expect(isId("hold", text)).toBe(false);
  expect(() => idTime(text)).toThrow(RangeError);
});

test("a short random source is refused", () => {
  expect(() => createId("hold", { random: () => new Uint8Array(4) })).toThrow(/4 bytes/);
});
