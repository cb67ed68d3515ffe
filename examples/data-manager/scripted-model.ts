import type { Script, ScriptReply, ScriptResult } from "holdpoint";

type Call = NonNullable<ScriptReply["toolCalls"]>[number];

const HELP =
  "I am a small script that stands in for a model, because no model key is set. I understand: " +
  '"Delete 50 old records from the users table", "How many users are in the users table?" and ' +
  '"Notify user 7: your account will be closed." Several of them in one message are fine.';

/** Where a request begins; what follows belongs to it, up to the next beginning. */
const BEGINNING =
  /\bdelete\s+(?:the\s+)?\d+|\bhow\s+many\b|\bcount\s+(?:the\s+)?\w*\s*users\b|\bnotify\s+user\s+\d+/gi;

/**
 * The data manager without a model: reads a few kinds of sentences, calls the tools for all of them in one turn, and
 * puts their results into words. No intelligence, the same answer every time.
 */
export const dataManagerScript: Script = ({ text, results }) => {
  if (results.length > 0) return { text: results.map(describeResult).join("\n\n") };
  const calls = readRequests(text);
  if (calls.length === 0) return { text: HELP };
  return { text: calls.map(describePlan).join(" "), toolCalls: calls };
};

function readRequests(text: string): Call[] {
  const starts = Array.from(text.matchAll(BEGINNING), ({ index }) => index);
  return starts.flatMap((start, index) => {
    const call = readRequest(text.slice(start, starts[index + 1] ?? text.length));
    return call === undefined ? [] : [call];
  });
}

function readRequest(words: string): Call | undefined {
  const request = words.replace(/(?:[\s,;]+(?:and|then|also|please)\b)*[\s,;]*$/i, "");
  const deletion = /^delete\s+(?:the\s+)?(\d+)\b(.*)$/is.exec(request);
  if (deletion?.[1] !== undefined) {
    const table = /\b(?:from|of|in)\s+(?:the\s+)?["'`]?(\w+)["'`]?/i.exec(deletion[2] ?? "")?.[1] ?? "users";
    return {
      name: "delete_records",
      arguments: { table_name: table.toLowerCase(), count: Number(deletion[1]) },
    };
  }
  const notification = /^notify\s+user\s+(\d+)\s*[:,-]?\s*(.*)$/is.exec(request);
  if (notification?.[1] !== undefined) {
    const message = (notification[2] ?? "").trim().replace(/^["“](.*)["”]$/s, "$1");
    return { name: "send_notification", arguments: { user_id: Number(notification[1]), message } };
  }
  const status = /\b(active|inactive|invited)\b/i.exec(request)?.[1]?.toLowerCase();
  return { name: "query_users", arguments: status === undefined ? {} : { status } };
}

function describePlan({ name, arguments: args }: Call): string {
  switch (name) {
    case "delete_records":
      return `I will delete ${show(args["count"])} old records from the ${show(args["table_name"])} table.`;
    case "send_notification":
      return `I will notify user ${show(args["user_id"])}.`;
    default:
      return "I will count the users.";
  }
}

function describeResult(result: ScriptResult): string {
  return result.problem === undefined ? describeSuccess(result) : describeProblem(result, result.problem);
}

function describeSuccess({ name, arguments: proposed, executedWith, result }: ScriptResult): string {
  const found = asRecord(result);
  const args = asRecord(executedWith ?? proposed);
  const changed = executedWith === undefined ? "" : " A reviewer changed what I had proposed.";
  switch (name) {
    case "delete_records":
      return `Done: ${show(found["deleted"])} records were deleted from the ${show(args["table_name"])} table, ${show(found["remaining"])} are left.${changed}`;
    case "send_notification":
      return `User ${show(args["user_id"])} was notified at ${show(found["to"])}.${changed}`;
    default:
      return `There are ${show(found["count"])} ${args["status"] === undefined ? "" : `${show(args["status"])} `}users in the users table.`;
  }
}

/** Says what was not done, and gives the reviewer's reason back. */
function describeProblem({ name, arguments: proposed }: ScriptResult, problem: string): string {
  const undone =
    name === "delete_records"
      ? "Nothing was deleted"
      : name === "send_notification"
        ? "Nothing was sent"
        : "I could not look";
  const reason = /Reason: (.*)$/s.exec(problem)?.[1];
  const because = reason === undefined || reason === "none given" ? "" : ` The reason given: ${reason}`;
  if (problem.includes("rejected by reviewer")) return `${undone}: the reviewer rejected it.${because}`;
  if (problem.includes("skipped by reviewer")) return `${undone}: the reviewer skipped it.${because}`;
  if (problem.includes("nobody decided in time")) return `${undone}: nobody decided in time.`;
  if (problem.includes("cancelled by operator")) return `${undone}: it was cancelled.${because}`;
  // Whether it was done is not known for every other problem, so nothing is claimed.
  return `${describePlan({ name, arguments: asRecord(proposed) as Call["arguments"] }).replace("I will", "I tried to")} ${problem}`;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function show(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "?";
}
