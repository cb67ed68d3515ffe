import type { AuditEntry } from "@holdpoint/client";
import { useMutation } from "@tanstack/react-query";
import { holdpoint } from "../service/client.ts";
import { PageRefusal } from "../service/problem.ts";
import { saveFile } from "../service/save-file.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";

const ENDS = new Set(["hold.decided", "hold.expired", "hold.cancelled"]);
/** A checkpoint is signed within ten seconds. */
const ASKED_FOR_MS = 15_000;
const ASKED_EVERY_MS = 1_000;

/** The proof of what was presented and decided, to keep elsewhere; offered once there is one. */
export function Receipt({ holdId, entries }: { holdId: string; entries: readonly AuditEntry[] }) {
  const save = useMutation({
    mutationFn: async () =>
      saveFile(`receipt-${holdId}.json`, JSON.stringify(await fetchReceipt(holdId), null, 2)),
  });
  if (!entries.some(({ event }) => ENDS.has(event.type))) return null;
  return (
    <div className="mt-3">
      <Button icon="down" isBusy={save.isPending} onPress={() => save.mutate()}>
        Download the receipt
      </Button>
      <span className="ml-3 text-sm text-quiet">
        Proves what was presented and decided, years later and without this service.
      </span>
      {save.isError ? (
        <div className="mt-2">
          <ProblemNotice error={save.error} />
        </div>
      ) : null}
    </div>
  );
}

/** Before its checkpoint is signed, the service says so: then it is asked again. */
async function fetchReceipt(holdId: string): Promise<object> {
  const until = Date.now() + ASKED_FOR_MS;
  for (;;) {
    const receipt = await holdpoint.request<object>("GET", `/v1/holds/${encodeURIComponent(holdId)}/receipt`);
    if (!("status" in receipt)) return receipt;
    if (Date.now() > until) {
      throw new PageRefusal(
        "Not signed yet",
        "No checkpoint has been signed over this decision. Try again in a moment.",
      );
    }
    await new Promise((resolve) => {
      setTimeout(resolve, ASKED_EVERY_MS);
    });
  }
}
