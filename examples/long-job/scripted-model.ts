import type { Script, ScriptReply, ScriptResult } from "holdpoint";

type Call = NonNullable<ScriptReply["toolCalls"]>[number];

interface Invoice {
  id: number;
  customer: string;
  days_overdue: number;
}

const BATCH = 3;
/** Older ones are given up. */
const HOPELESS_DAYS = 730;

/**
 * The clerk without a model. It goes by the last words that it heard, so a word of the operator counts from then on:
 * `Leave out Acme Tools`, `Stop here`. Each invoice is handed out once, so it need not remember what it has done.
 */
export const reminderScript: Script = ({ text, results }) => {
  if (/\bstop\b/i.test(text)) return { text: `I stop here, as I was told.${tally(results)}` };
  const last = results.at(-1);
  if (last?.name !== "take_invoices" || last.problem !== undefined) {
    if (last?.name === "take_invoices")
      return { text: `I could not go on: ${last.problem}${tally(results)}` };
    const leaveOut = readLeftOut(text);
    return {
      text: leaveOut.length === 0 ? "I take the next ones." : `I take the next ones, without ${leaveOut[0]}.`,
      toolCalls: [{ name: "take_invoices", arguments: { limit: BATCH, leave_out: leaveOut } }],
    };
  }
  const invoices = readInvoices(last);
  if (invoices.length === 0) return { text: `The list is done.${tally(results)}` };
  return {
    text: `Invoices ${invoices.map(({ id }) => id).join(", ")}: ${[...new Set(invoices.map(({ customer }) => customer))].join(", ")}.`,
    toolCalls: invoices.map(callFor),
  };
};

function callFor({ id, days_overdue: days }: Invoice): Call {
  return days <= HOPELESS_DAYS
    ? { name: "send_reminder", arguments: { invoice_id: id } }
    : {
        name: "waive_invoice",
        arguments: { invoice_id: id, percent: 100, reason: `Overdue for ${days} days.` },
      };
}

function readLeftOut(text: string): string[] {
  const name = /\b(?:leave out|skip|without)\s+(.+?)(?:\s*[.,;:!]|\s+(?:from|please)\b|$)/im.exec(text)?.[1];
  return name === undefined ? [] : [name.replaceAll(/["'“”]/g, "")];
}

function readInvoices({ result }: ScriptResult): Invoice[] {
  return (result as unknown as { invoices: Invoice[] }).invoices;
}

/** What was and was not done since the last words. */
function tally(results: readonly ScriptResult[]): string {
  const done = results.filter(({ problem }) => problem === undefined);
  const count = (name: string) => done.filter((result) => result.name === name).length;
  const undone = results.filter(({ problem }) => problem !== undefined);
  const parts = [
    ` ${count("send_reminder")} reminders were sent, ${count("waive_invoice")} invoices waived.`,
    ...undone.map(({ problem }) => ` Not done: ${problem}`),
  ];
  return parts.join("");
}
