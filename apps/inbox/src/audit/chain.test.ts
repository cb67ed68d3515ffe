import type { AuditEntry } from "@holdpoint/client";
import { expect, test } from "vitest";
import { chainOf } from "./chain.ts";

function entry(type: string, second: number, more: { hash?: string; decision?: string } = {}): AuditEntry {
  const event = { id: `evt_${second}`, type, actionHash: more.hash ?? null } as AuditEntry["event"];
  return {
    timestamp: `2026-01-01T00:00:0${second}Z`,
    decision: more.decision ?? null,
    event,
  } as AuditEntry;
}

const presented = entry("hold.created", 0, { hash: "a" });
const approved = entry("hold.decided", 2, { hash: "a", decision: "approved" });
const modified = entry("hold.decided", 2, { hash: "a", decision: "modified" });
const executing = (hash: string) => entry("action.executing", 3, { hash });
const executed = entry("action.executed", 5, { hash: "a" });

test.each<[string, AuditEntry[], string[], string[], RegExp]>([
  ["waits", [presented], ["presented"], ["decided"], /Nothing was executed/],
  ["approved", [approved, presented], ["presented", "decided"], ["executed"], /Nothing was executed/],
  [
    "executed",
    [executed, executing("a"), approved, presented],
    ["presented", "decided", "executing", "ended"],
    [],
    /exactly what was presented/,
  ],
  [
    "changed",
    [executed, executing("b"), modified, presented],
    ["presented", "decided", "executing", "ended"],
    [],
    /A reviewer changed the action/,
  ],
  [
    "tampered",
    [executing("b"), approved, presented],
    ["presented", "decided", "executing"],
    ["executed"],
    /is not what was presented/,
  ],
  [
    "rejected",
    [entry("hold.decided", 1, { hash: "a", decision: "rejected" }), entry("hold.deferred", 1), presented],
    ["presented", "decided"],
    [],
    /Nothing was executed/,
  ],
])("%s", (_, entries, steps, missing, words) => {
  const chain = chainOf(entries);
  expect(chain.links.map((link) => link.step)).toEqual(steps);
  expect(chain.missing).toEqual(missing);
  expect(chain.isSameAction).toMatch(words);
  expect(chain.links.at(1)?.afterMs).toEqual(entries.length > 1 ? expect.any(Number) : undefined);
});
