import type { JsonObject } from "@holdpoint/protocol";
import { expect, test } from "vitest";
import { uncoveredMembers } from "./coverage.ts";

const VAULT = { id: "vault", members: undefined };
const SHOP = { id: "shop", members: ["item", "count"] };
const uncovered = (service: typeof VAULT | typeof SHOP, details: JsonObject, payload: JsonObject): string[] =>
  uncoveredMembers({ service_id: service.id, ...details }, { service, payload, transactionId: "tx-1" });

test("what is left out of what was shown may be what made it harmless (I8)", () => {
  expect(uncovered(VAULT, { box: 1, only: "coins" }, { box: 1 })).toEqual(["only"]);
  expect(uncovered(VAULT, { box: 1 }, {})).toEqual(["box"]);
  expect(uncovered(VAULT, { payload: { box: 1 } }, { intent: "confirm" })).toEqual(["box"]);
  expect(uncovered(VAULT, { payload: [1] }, {})).toEqual(["payload"]);
  expect(uncovered(SHOP, { item: 1, count: 2 }, { item: 1 })).toEqual(["count"]);
  expect(uncovered(SHOP, { count: 2, payload: { item: 1 } }, { item: 1 })).toEqual(["count"]);
});

test("what the service does not take is context, and so is all beside a payload that is shown apart", () => {
  expect(uncovered(SHOP, { item: 1, note: "for Ben" }, { item: 1 })).toEqual([]);
  expect(uncovered(VAULT, { note: "for Ben", payload: { box: 1 } }, { box: 1 })).toEqual([]);
});

test("an intent is the one that was shown, or its confirmation", () => {
  for (const intent of ["empty", { empty: true }, "unconfirmed", "confirmed"])
    expect([intent, uncovered(VAULT, { box: 1 }, { box: 1, intent })]).toEqual([intent, ["intent"]]);
  for (const intent of ["confirm", "confirm_booking"])
    expect([intent, uncovered(VAULT, { box: 1, intent: "look" }, { box: 1, intent })]).toEqual([intent, []]);
  expect(uncovered(VAULT, { payload: { box: 1, intent: "empty" } }, { box: 1, intent: "empty" })).toEqual([]);
  expect(uncovered(VAULT, { box: 1, intent: "look" }, { box: 1 })).toEqual(["intent"]);
});

test("a transaction that was named in what was shown is the one that it is carried out in", () => {
  for (const details of [{ box: 1, transaction_id: "tx-2" }, { payload: { box: 1, transaction_id: "tx-2" } }])
    expect(uncovered(VAULT, details, { box: 1 })).toEqual(["transaction_id"]);
  expect(uncovered(VAULT, { box: 1, transaction_id: "tx-1" }, { box: 1 })).toEqual([]);
});
