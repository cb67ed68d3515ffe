import type { RunDeleted } from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { counted } from "../numbers.ts";
import { confirmDeletion } from "../terminal/confirm-deletion.ts";
import { printable } from "../terminal/printable.ts";

export async function deleteRun(
  context: Context,
  id: string,
  options: OnlineOptions & { yes?: boolean },
): Promise<void> {
  const client = await context.connect(options);
  if (options.yes !== true) {
    const { agentId, status } = await client.runs.get(id);
    await confirmDeletion(
      context,
      `Run ${printable(id)} of ${printable(agentId)}, ${status}: all that was said, called and decided in it and in the runs that it called; the audit log keeps its entries.`,
    );
  }
  const deleted = await client.request<RunDeleted>("DELETE", `/v1/runs/${encodeURIComponent(id)}`);
  if (options.json === true) context.console.json(deleted);
  else
    context.console.data(
      `${printable(deleted.id)} is deleted: ${counted(deleted.runs, "run")}, ${counted(deleted.holds, "hold")}; the audit log keeps its entries.`,
    );
}
