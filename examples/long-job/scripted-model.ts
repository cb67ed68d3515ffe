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
 * The clerk without a model: takes three invoices, makes the calls for them, and takes the next three. What an operator
 * says counts from then on: `Leave out Acme Tools`, `Stop here`. Asked `How many were sent?` it only counts.
 */
export const reminderScript: Script = ({ text, notes, results, earlier }) => {
  const all = [...earlier, ...results];
  const said = [text, ...notes];
  if (said.some((words) => /\bstop\b/i.test(words)))
    return { text: `I stop here, as I was told.${tally(all)}` };
  if (/\bhow many\b/i.test(text)) return countAll(results);
  const leftOut = said.flatMap(readLeftOut);
  const taken = all.findLast(({ name, problem }) => name === "take_invoices" && problem === undefined);
  const open = openOf(taken, all).filter(({ customer }) => !isAmong(leftOut, customer));
  if (open.length > 0) return { text: `${open.map(nameOf).join(", ")}.`, toolCalls: open.map(callFor) };
  const last = results.at(-1);
  if (last?.name === "take_invoices" && last.problem !== undefined)
    return { text: `I could not go on: ${last.problem}${tally(all)}` };
  if (last === taken && last !== undefined && invoicesOf(last).length === 0)
    return { text: `The list is done.${tally(all)}` };
  const without = leftOut.length === 0 ? "" : `, without ${leftOut.join(", ")}`;
  return {
    text: `I take the next ones${without}.`,
    toolCalls: [{ name: "take_invoices", arguments: { limit: BATCH, leave_out: leftOut } }],
  };
};

/** Of those taken last, the ones for which there was no call yet, however it ended. */
function openOf(taken: ScriptResult | undefined, all: readonly ScriptResult[]): Invoice[] {
  const called = new Set(
    all.map(({ arguments: args }) => (args as { invoice_id?: number } | null)?.invoice_id),
  );
  return taken === undefined ? [] : invoicesOf(taken).filter(({ id }) => !called.has(id));
}

function invoicesOf({ result }: ScriptResult): Invoice[] {
  return (result as { invoices?: Invoice[] } | null)?.invoices ?? [];
}

function callFor({ id, days_overdue: days }: Invoice): Call {
  return days <= HOPELESS_DAYS
    ? { name: "send_reminder", arguments: { invoice_id: id } }
    : {
        name: "waive_invoice",
        arguments: { invoice_id: id, percent: 100, reason: `Overdue for ${days} days.` },
      };
}

function nameOf({ id, customer }: Invoice): string {
  return `Invoice ${id} of ${customer}`;
}

function readLeftOut(text: string): string[] {
  const name = /\b(?:leave out|skip|without)\s+(.+?)(?:\s*[.,;:!]|\s+(?:from|please)\b|$)/im.exec(text)?.[1];
  return name === undefined ? [] : [name.replaceAll(/["'“”]/g, "")];
}

function isAmong(names: readonly string[], name: string): boolean {
  return names.some((one) => one.toLowerCase() === name.toLowerCase());
}

function countAll(results: readonly ScriptResult[]): ScriptReply {
  const counted = results.find(({ name }) => name === "count_reminders");
  if (counted === undefined) return { toolCalls: [{ name: "count_reminders", arguments: {} }] };
  return { text: counted.problem ?? JSON.stringify(counted.result) };
}

/** What was and was not done. */
function tally(all: readonly ScriptResult[]): string {
  const count = (name: string) =>
    all.filter((result) => result.name === name && result.problem === undefined).length;
  return [
    ` ${count("send_reminder")} reminders were sent, ${count("waive_invoice")} invoices waived.`,
    ...all.flatMap(({ problem }) => (problem === undefined ? [] : [` Not done: ${problem}`])),
  ].join("");
}
