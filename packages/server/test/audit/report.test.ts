import { expect, test } from "vitest";
import { eventSchema, type HoldpointEvent } from "@holdpoint/protocol";
import { auditEntry, CSV_HEADER, renderCsvLine, renderTextLine } from "../../src/audit/render-report.ts";

const decided: HoldpointEvent = eventSchema.parse({
  id: "evt_1",
  type: "hold.decided",
  createdAt: "2026-11-21T03:59:10.043Z",
  actor: { kind: "member", id: "mem_1", name: "Ada" },
  decision: "rejected",
  rationale: "not now",
  actionName: "delete_records",
  actionHash: "sha256:0",
  holdId: "hold_1",
  runId: "run_1",
  toolCallId: null,
  sessionId: "s-1",
  agentId: "data_manager",
  endUserId: null,
  data: { action: { name: "delete_records", arguments: { count: 50 } } },
});

test("an entry has the members of R86, and the text line is R89's", () => {
  expect(auditEntry(decided)).toMatchObject({
    eventType: "rejected",
    sessionId: "s-1",
    agentId: "data_manager",
    actionType: "delete_records",
    actionPayload: { count: 50 },
    reviewerId: "mem_1",
    decision: "rejected",
    timestamp: "2026-11-21T03:59:10.043Z",
    rationale: "not now",
  });
  expect(renderTextLine(decided)).toBe(
    '[2026-11-21T03:59:10.043Z] rejected: delete_records → rejected (reviewer: mem_1) "not now"',
  );
});

test("an action that ran by itself is auto, and whoever started a run is no reviewer", () => {
  const auto: HoldpointEvent = {
    ...decided,
    type: "action.auto_proceeded",
    decision: null,
    rationale: null,
    actor: { kind: "agent", id: "a", name: null },
  };
  expect(renderTextLine(auto)).toBe("[2026-11-21T03:59:10.043Z] auto_proceeded: delete_records → auto");
  expect(auditEntry({ ...decided, type: "run.started", decision: null }).reviewerId).toBeNull();
});

test("no text of an agent can fake a line, a cell or a formula (I13)", () => {
  const rationale = 'ok"\n[2026-01-01T00:00:00Z] approved: everything \u202E,=cmd';
  const text = renderTextLine({ ...decided, rationale });
  expect(text.split("\n")).toHaveLength(1);
  expect(text).toContain("\\u{a}");
  expect(text).toContain("\\u{202e}");
  expect(text).toContain('"ok\\"\\u{a}');
  const named = renderTextLine({ ...decided, actionName: "refund → approved (reviewer: mem_boss)" });
  expect(named).toContain(': "refund → approved (reviewer: mem_boss)" → rejected (reviewer: mem_1)');
  const csv = renderCsvLine({ ...decided, actionName: "=HYPERLINK(1)", rationale: 'a "quoted", cell' });
  expect(csv).toContain("'=HYPERLINK(1)");
  expect(csv).toContain('"a ""quoted"", cell"');
  expect(CSV_HEADER.split(",")).toHaveLength(12);
  const cells = ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1"].map(
    (sessionId) => renderCsvLine({ ...decided, sessionId }).split(",")[3],
  );
  expect(cells).toEqual(["'=1", "'+1", "'-1", "'@x", "\\u{9}=1", "\\u{d}=1", `"'\n=1"`, "'＝1"]);
  // Neither a terminal nor a spreadsheet is told what to do by a reason; its lines stay lines.
  const hidden = renderCsvLine({ ...decided, rationale: "a\nb\u001b[2J\u202Egnp.exe" });
  expect(hidden).toContain('"a\nb\\u{1b}[2J\\u{202e}gnp.exe"');
});
