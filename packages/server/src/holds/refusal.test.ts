import { HOLD_STATUSES } from "@holdpoint/protocol";
import { expect, test } from "vitest";
import type { HoldRow } from "./hold-row.ts";
import { refusal } from "./refusal.ts";

const SENTENCES = {
  approved: "Ada approved this",
  modified: "Ada approved this with changes",
  rejected: "Ada rejected this",
  skipped: "Ada skipped this",
  answered: "Ada answered this",
  expired: "Ada let it expire",
  cancelled: "Ada withdrew it",
};

test.each(HOLD_STATUSES.filter((status) => status !== "pending"))(
  "whoever comes after `%s` reads a sentence that says who did what, and when",
  (status) => {
    const hold = {
      id: "hold_1",
      status,
      decided_at: "2026-01-01T00:00:00+00:00",
      outcome: { by: { name: "Ada" } },
    } as unknown as HoldRow;
    const { message } = refusal({ code: "already_decided", hold }, "hold_1", "reject");
    expect(message).toBe(`Cannot reject hold_1: ${SENTENCES[status]} at 2026-01-01T00:00:00.000000Z.`);
  },
);
