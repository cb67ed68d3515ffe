import { policySchema, type JsonObject, type PolicyInput } from "@holdpoint/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { personalDataDetector, regulatedDetector } from "./detectors.ts";

const find = (values: JsonObject, detectors: PolicyInput["detectors"] = {}) =>
  personalDataDetector(policySchema.parse({ detectors }).detectors)({ arguments: values });

describe("personal data by value", () => {
  test.each([
    ["an e-mail address", "Write to ann.b+c@mail.example.com, please"],
    ["an e-mail address", "jörg@müller.de"],
    ["a phone number", "call +49 30 123456-78 now"],
    ["a phone number", "0049 (30) 1234567"],
    ["an IBAN", "DE89370400440532013000"],
    ["an IBAN", "to DE89 3704 0044 0532 0130 00."],
    ["an IBAN", "gb82west12345698765432"],
    ["a card number", "4111 1111 1111 1111"],
    ["a card number", "card 5500-0000-0000-0004 exp 12/27"],
    ["a national id number", "SSN 078-05-1120"],
    ["a national id number", "AB123456C"],
    ["a national id number", "12345678Z"],
    ["a national id number", "X1234567L"],
    ["a national id number", "RSSMRA85T10A562S"],
    ["a national id number", "756.9217.0769.85"],
    ["a national id number", "1 84 12 76 451 089 46"],
  ])("%s in %s", (kind, text) => {
    for (const place of [{ note: text }, { a: { b: [1, { note: text }] } }, { [text]: 1 }]) {
      const reason = find(place);
      expect(reason).toContain(kind);
      expect(reason).not.toContain(text);
      expect(reason).not.toMatch(/[0-9]{4}|@/); // never the value itself
    }
  });

  test("a card number given as a number", () =>
    expect(find({ n: 4111111111111111 })).toContain("a card number"));

  test.each([
    "nothing here",
    "a @ b",
    "@mention me",
    "user@localhost",
    "2026-11-21T10:00:00.000Z",
    "DE89370400440532013001", // check digits
    "4111 1111 1111 1112",
    "1763718000000", // milliseconds of a date
    "0000 0000 0000 0000",
    "000-12-3456",
    "666-12-3456",
    "12345678A",
    "order 12345 of 67890",
    "+1 800",
    "3.14159265358979",
  ])("not in %s", (text) => expect(find({ note: text })).toBeUndefined());
});

describe("personal data by name of an argument", () => {
  test.each([
    "email",
    "customerEmail",
    "CUSTOMER_EMAIL",
    "customer-email-2",
    "firstName",
    "social_security_no",
    "home.address.iban",
  ])("%s", (name) =>
    expect(find({ deep: { [name]: "x" } })).toMatch(/^The argument deep\..* is named like personal data\.$/),
  );

  test.each(["emailing_list_id", "named", "thermophone", "first", "address", "count"])("not %s", (name) =>
    expect(find({ [name]: "x" })).toBeUndefined(),
  );

  test("an argument with nothing in it, or yes and no, is no personal data", () => {
    for (const value of [null, "", false, true, [], {}]) expect(find({ email: value })).toBeUndefined();
  });

  test("what the policy lists is looked for as well", () => {
    const detectors = { personalData: { arguments: ["badge*", "*_secret"], values: ["^EMP-[0-9]{4}$"] } };
    expect(find({ badgeNumber: 1 }, detectors)).toContain("badgeNumber");
    expect(find({ their_own_secret: "x" }, detectors)).toContain("their_own_secret");
    expect(find({ who: "EMP-1234" }, detectors)).toBe(
      "The argument who matches pattern 1 for personal data.",
    );
    expect(find({ who: "EMP-12345" }, detectors)).toBeUndefined();
    expect(find({ email: "x" }, detectors)).toContain("email");
  });
});

test("what the tool declares", () => {
  expect(personalDataDetector({})({ arguments: {}, handles: ["personal_data"] })).toBe(
    "The tool says that it handles personal data.",
  );
  expect(regulatedDetector()({ arguments: {}, handles: ["regulated"] })).toContain("regulated");
});

test("what regulations speak of", () => {
  const regulated = regulatedDetector();
  expect(regulated({ arguments: { kycLevel: 2 } })).toContain("kycLevel");
  expect(regulated({ arguments: { patient_id: "7" } })).toContain("patient_id");
  expect(regulated({ arguments: { note: "DE89370400440532013000" } })).toContain("an IBAN");
  expect(regulated({ arguments: { note: "ann@example.com", kayak: 1 } })).toBeUndefined();
});

test("what cannot be looked through counts as found (I10)", () => {
  expect(find({ list: Array.from({ length: 10_000 }, () => 1) })).toContain("too big");
  expect(find({ a: "x".repeat(60_000), b: "x".repeat(60_000) })).toContain("too big");
  expect(find({ a: "x".repeat(30_000) }, { personalData: { values: ["y"] } })).toContain("too long");
  expect(find({ a: 1 }, { personalData: { values: ["(?=x)"] } })).toContain("cannot be read");
});

test("a name that means something to JavaScript or to a pattern is only a name", () => {
  for (const name of ["constructor", "toString", "a.*b", "((", "*"])
    expect(find({ [name]: "x" })).toBeUndefined();
});

/** Quadratic search would take minutes here. */
test.each(["a@", "1 ", "+1 ", "DE89 ", "@", "a.", "4111 "])("a long text of %j is looked through", (part) => {
  expect(find({ note: part.repeat(99_000 / part.length) }) ?? "").not.toContain("too");
});

test("is total", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (values) => {
      const reason = find(values as JsonObject);
      expect(reason === undefined || reason.length > 10).toBe(true);
    }),
  );
});
