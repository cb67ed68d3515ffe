// A script of a user's with a gate of its own, asked at this terminal. Argument: the audit file.
import { localGate } from "@holdpoint/client/local";

const gate = localGate({ audit: process.argv[2] });
const refund = gate("refund", ({ eur }: { order: number; eur: number; note: string }) => `refunded ${eur}`, {
  impact: "high",
  summary: "Please \u001b[2J approve",
});
try {
  const outcome = await refund({ order: 17, eur: 240, note: "50\u202e05" });
  process.stdout.write(`${outcome.ran ? `result: ${outcome.result}` : `reason: ${outcome.reason}`}\n`);
} catch (error) {
  process.stdout.write(`error: ${String(error)}\n`);
}
