import type { AuditFormat, AuditScope } from "@holdpoint/client";
import { useMutation } from "@tanstack/react-query";
import { holdpoint } from "../service/client.ts";
import { saveFile } from "../service/save-file.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import type { AuditSearch } from "./audit-search.ts";

const FORMATS = { text: "Text", csv: "CSV", jsonl: "JSON Lines" } as const satisfies Partial<
  Record<AuditFormat, string>
>;
const ENDING = { text: "txt", csv: "csv", jsonl: "jsonl" } as const;

/** The report as a file: of the hold, run or session that the page is narrowed to, else of everything. */
export function ExportLinks({ search }: { search: AuditSearch }) {
  const scope = scopeOf(search);
  const save = useMutation({
    mutationFn: async (format: keyof typeof FORMATS) => {
      const text = await holdpoint.audit.export(scope, { format });
      saveFile(`audit.${ENDING[format]}`, text);
    },
  });
  return (
    <div>
      <div role="group" aria-label="Export" className="flex flex-wrap items-center gap-2">
        <span className="text-sm text-quiet">Export {nameOf(scope)} as</span>
        {Object.entries(FORMATS).map(([format, word]) => (
          <Button
            key={format}
            isBusy={save.isPending && save.variables === format}
            onPress={() => save.mutate(format as keyof typeof FORMATS)}
          >
            {word}
          </Button>
        ))}
      </div>
      {save.isError ? <ProblemNotice error={save.error} /> : null}
    </div>
  );
}

/** A report is of one of the three; the narrowest is meant. */
export function scopeOf({ hold, run, session }: AuditSearch): AuditScope {
  if (hold !== undefined) return { holdId: hold };
  if (run !== undefined) return { runId: run };
  return session === undefined ? {} : { sessionId: session };
}

export function nameOf(scope: AuditScope): string {
  if (scope.holdId !== undefined) return "this hold";
  if (scope.runId !== undefined) return "this run";
  return scope.sessionId === undefined ? "everything" : "this session";
}
