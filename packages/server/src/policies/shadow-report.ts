import type { ShadowReport } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { entryOf } from "./backtest.ts";
import { MAX_ACTIONS, readRecordedActions } from "./recorded-actions.ts";

/** What the version that runs beside would have held or let through, by its rules, of what was recorded since it came. */
export async function reportShadow(
  database: Database,
  orgId: string,
  shadow: { version: number; sinceMs: number } | undefined,
): Promise<ShadowReport> {
  const empty = { actions: 0, wouldHold: 0, wouldLetThrough: 0 };
  const report: ShadowReport = {
    version: shadow?.version ?? null,
    ...empty,
    failed: 0,
    byRule: [],
    isTruncated: false,
  };
  if (shadow === undefined) return report;
  const rules = new Map<string | null, typeof empty>();
  let read = 0;
  for await (const actions of readRecordedActions(database, orgId, shadow.sinceMs)) {
    read += actions.length;
    for (const { shadow: recorded } of actions) {
      if (recorded?.["version"] !== shadow.version) continue;
      report.actions += 1;
      if (typeof recorded["held"] !== "boolean") {
        report.failed += 1;
        continue;
      }
      const rule = typeof recorded["rule"] === "string" ? recorded["rule"] : null;
      const isHeld = recorded["actuallyHeld"] === true;
      for (const counts of [report, entryOf(rules, rule, () => ({ ...empty }))]) {
        if (counts !== report) counts.actions += 1;
        counts.wouldHold += Number(recorded["held"] && !isHeld);
        counts.wouldLetThrough += Number(!recorded["held"] && isHeld);
      }
    }
  }
  report.byRule = [...rules].map(([rule, counts]) => ({ rule, ...counts }));
  report.isTruncated = read >= MAX_ACTIONS;
  return report;
}
