import { expect, test } from "vitest";
import { canonicalJson } from "../canonical-json.ts";
import type { HoldpointEvent } from "../event.ts";
import { COMMITTED_PATHS, openEntry, saltOf, sealEntry } from "./leaf.ts";

const SALT = "000102030405060708090a0b0c0d0e0f";
const event: HoldpointEvent = {
  id: "evt_1",
  type: "hold.decided",
  createdAt: "2026-08-01T12:00:00.000000Z",
  actor: { kind: "member", id: "mem_1", name: "Ada Müller" },
  decision: "approved",
  rationale: "fine by me",
  actionName: "refund",
  actionHash: `sha256:${"ab".repeat(32)}`,
  holdId: "hold_1",
  runId: null,
  toolCallId: null,
  sessionId: "s-1",
  agentId: "billing",
  endUserId: "käthe@example.com",
  data: { b: 1, a: [{ z: "\u2028", y: 1e21 }], 10: "ten", 9: null },
};
const seal = (changes: Partial<HoldpointEvent> = {}, opening: object = { salt: SALT }) =>
  sealEntry("org_1", { ...event, ...changes }, opening);

test("the entry is canonical JSON, and so is what opens it", () => {
  for (const changes of [
    {},
    { rationale: null, sessionId: null },
    { actor: { kind: "end_user", id: "u", name: null } },
  ]) {
    const { text, disclosures } = seal(changes);
    expect(text).toBe(canonicalJson(JSON.parse(text)));
    for (const disclosure of disclosures) expect(disclosure).toBe(canonicalJson(JSON.parse(disclosure)));
  }
});

test("nothing that may be about a person stands in it", () => {
  const { text } = seal();
  for (const secret of ["Ada", "fine by me", "s-1", "käthe", "ab".repeat(32), "ten"])
    expect(text).not.toContain(secret);
  for (const plain of ["evt_1", "hold.decided", "mem_1", "approved", "refund", "hold_1", "billing"]) {
    expect(text).toContain(`"${plain}"`);
  }
});

test("it opens to the event", () => {
  const { text, disclosures } = seal();
  const { event: opened, withheld } = openEntry(text, disclosures);
  expect(withheld).toEqual([]);
  expect(opened).toEqual({ ...event, orgId: "org_1", v: 1 });
});

test("an agent's name is plain, an end user's id is not", () => {
  expect(seal({ actor: { kind: "agent", id: "billing", name: "Billing" } }).text).toContain(
    '"name":"Billing"',
  );
  expect(seal({ actor: { kind: "end_user", id: "käthe", name: "Käthe" } }).text).not.toMatch(/käthe/i);
});

test("the same value under another salt, member or event is another commitment", () => {
  const commitments = (text: string) =>
    [...text.matchAll(/"commitment":"([\w-]{43})"/g)].map(([, value]) => value);
  const first = commitments(seal({ rationale: "x", sessionId: "x", endUserId: "x" }).text);
  expect(new Set(first).size).toBe(first.length);
  const second = commitments(
    seal({ rationale: "x", sessionId: "x", endUserId: "x" }, { salt: SALT.replace("0f", "1f") }).text,
  );
  expect(first.filter((value) => second.includes(value))).toEqual([]);
});

test("what is erased leaves the entry as it was, and opens to null", () => {
  const whole = seal();
  const leaf = JSON.parse(whole.text);
  const erased = Object.fromEntries(
    COMMITTED_PATHS.filter((path) => !path.startsWith("actor.")).map((path) => [path, leaf[path].commitment]),
  );
  const salts = { "actor.name": saltOf({ salt: SALT }, "actor.name") };
  const nothing = {
    actionHash: null,
    data: { erased: true },
    endUserId: null,
    rationale: null,
    sessionId: null,
  };
  const later = seal(nothing, { erased, salts });
  expect(later.text).toBe(whole.text);
  const opened = openEntry(later.text, later.disclosures);
  expect(opened.withheld.toSorted()).toEqual(Object.keys(erased).toSorted());
  expect(opened.event).toMatchObject({ rationale: null, data: null, actor: { name: "Ada Müller" } });
});

test("a value that is another, comes twice, or belongs to another member does not open it", () => {
  const { text, disclosures } = seal();
  const refused = (changed: string[]) =>
    expect(() => openEntry(text, changed)).toThrow(expect.objectContaining({ fault: "wrong_entry" }));
  refused([...disclosures, disclosures[0]!]);
  refused([disclosures.find((item) => item.includes('"rationale"'))!.replace("fine", "nice")]);
  refused([disclosures.find((item) => item.includes('"rationale"'))!.replace('"rationale"', '"sessionId"')]);
  refused([disclosures[0]!.replace("[", "[ ")]);
  for (const nonsense of ["", "{}", "[1,2,3]", '["a","id","evt_2"]', "[]"]) refused([nonsense]);
  for (const nonsense of [
    "",
    "[]",
    "{}",
    text.replace('"v":1', '"v":2'),
    text.replace("commitment", "commitmens"),
  ]) {
    expect(() => openEntry(nonsense, [])).toThrow(expect.objectContaining({ fault: "wrong_entry" }));
  }
});
