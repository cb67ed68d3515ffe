import {
  isJsonObject,
  type Impact,
  type JsonObject,
  type JsonValue,
  type Reversibility,
} from "@holdpoint/protocol";
import { printable } from "../terminal/printable.ts";
import { findTerminal, type Terminal } from "../terminal/terminal.ts";

/** What somebody at this machine is asked. */
export interface LocalRequest {
  id: string;
  action: { name: string; arguments: JsonObject };
  summary: string | null;
  reversibility: Reversibility | null;
  impact: Impact | null;
  value: number | null;
  /** Fires when nobody waits for the answer any more. */
  signal: AbortSignal;
}

/** What they say. `modifications` are merged over the arguments, at the top level. */
export interface LocalDecision {
  decision: "approved" | "modified" | "rejected" | "skipped";
  reason?: string | undefined;
  modifications?: JsonObject | undefined;
}

/** A decision and whose it was. */
export interface Decided extends LocalDecision {
  by: "auto-approve" | "terminal" | "callback" | "nobody";
}

export interface DeciderOptions {
  /** Approves everything. Default: whether `HOLDPOINT_AUTO_APPROVE` or `GLAIP_HITL_AUTO_APPROVE` is `true`. */
  autoApprove?: boolean | undefined;
  /** Ask at the terminal of this process, also where there is a callback. */
  interactive?: boolean | undefined;
  /** Decides in code. One that throws, or answers with something else, rejects. */
  decide?: ((request: LocalRequest) => LocalDecision | Promise<LocalDecision>) | undefined;
  /** Told what went wrong with a callback. Default `console.error`. */
  log?: ((message: string) => void) | undefined;
}

/** True where the environment says that everything is approved. Read by clients alone, never by a server (R142). */
export function isAutoApproved(env: Readonly<Record<string, string | undefined>> | undefined): boolean {
  return ["HOLDPOINT_AUTO_APPROVE", "GLAIP_HITL_AUTO_APPROVE"].some(
    (name) => env?.[name]?.trim().toLowerCase() === "true",
  );
}

/** Auto-approve, else the terminal, else the callback, else nobody: then it is rejected. */
export async function decideLocally(request: LocalRequest, options: DeciderOptions): Promise<Decided> {
  const { process } = globalThis as { process?: NodeJS.Process };
  if (options.autoApprove ?? isAutoApproved(process?.env)) {
    return { decision: "approved", reason: "auto-approved", by: "auto-approve" };
  }
  const { decide, interactive = decide === undefined } = options;
  const open = interactive ? findTerminal() : undefined;
  if (open !== undefined) return { ...(await open((terminal) => askAt(terminal, request))), by: "terminal" };
  if (decide === undefined)
    return { decision: "rejected", reason: "No approval handler configured", by: "nobody" };
  return { ...(await decidedBy(decide, request, options.log)), by: "callback" };
}

async function decidedBy(
  decide: NonNullable<DeciderOptions["decide"]>,
  request: LocalRequest,
  // oxlint-disable-next-line no-console -- the caller may say otherwise
  log: (message: string) => void = console.error,
): Promise<LocalDecision> {
  try {
    const said: unknown = await decide(request);
    if (isLocalDecision(said)) return said;
    log(`The callback answered ${request.action.name} (${request.id}) with no decision; it is rejected.`);
    return { decision: "rejected", reason: "Callback returned invalid response type" };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log(`The callback failed on ${request.action.name} (${request.id}); it is rejected: ${why}`);
    return { decision: "rejected", reason: `Callback error: ${why.slice(0, 100)}` };
  }
}

function isLocalDecision(said: unknown): said is LocalDecision {
  if (typeof said !== "object" || said === null) return false;
  const { decision, reason, modifications } = said as Record<string, unknown>;
  return (
    ["approved", "modified", "rejected", "skipped"].includes(decision as string) &&
    (reason === undefined || typeof reason === "string") &&
    (modifications === undefined || isJsonObject(modifications as JsonValue)) &&
    // What is approved is approved as it is, and what is modified says how.
    (decision === "modified") === (modifications !== undefined)
  );
}

/** Shows exactly what would be executed, and takes a word that was typed out (R141: no deadline, no default). */
async function askAt(terminal: Terminal, request: LocalRequest): Promise<LocalDecision> {
  const { action, signal } = request;
  const facts = [
    request.reversibility,
    request.impact && `impact ${request.impact}`,
    request.value && `value ${request.value}`,
  ];
  terminal.say("");
  terminal.say(`Asks to run ${printable(action.name)}`);
  for (const [name, value] of Object.entries(action.arguments)) {
    terminal.say(`    ${printable(name)}: ${printable(JSON.stringify(value))}`);
  }
  const known = facts.filter((fact) => fact !== null && fact !== 0);
  if (known.length > 0) terminal.say(`  ${known.join(", ")}`);
  if (request.summary !== null) terminal.say(`  The agent says: ${printable(request.summary)}`);
  for (;;) {
    const word = await terminal.choose(
      "approve, change, reject, skip? ",
      ["approve", "change", "reject", "skip"],
      signal,
    );
    switch (word) {
      case "approve":
        return { decision: "approved" };
      case "change": {
        const modifications = await askChanges(terminal, request);
        if (modifications !== undefined) return { decision: "modified", modifications };
        break;
      }
      default: {
        const reason = await terminal.ask("Why? ", signal);
        return { decision: word === "skip" ? "skipped" : "rejected", ...(reason !== "" && { reason }) };
      }
    }
  }
}

async function askChanges(
  terminal: Terminal,
  { action, signal }: LocalRequest,
): Promise<JsonObject | undefined> {
  terminal.say("Enter keeps a value; values are JSON.");
  const changed: JsonObject = {};
  for (const [name, value] of Object.entries(action.arguments)) {
    for (;;) {
      const typed = await terminal.ask(
        `  ${printable(name)} [${printable(JSON.stringify(value))}]: `,
        signal,
      );
      if (typed === "") break;
      const parsed = parseLike(value, typed);
      if (parsed !== undefined) {
        changed[name] = parsed;
        break;
      }
      terminal.say(`  That is no ${kindOf(value)}.`);
    }
  }
  if (Object.keys(changed).length === 0) {
    terminal.say("Nothing was changed, and nothing was decided.");
    return undefined;
  }
  for (const [name, value] of Object.entries(changed)) {
    const before = printable(JSON.stringify(action.arguments[name]));
    terminal.say(`  ${printable(name)}: ${before} -> ${printable(JSON.stringify(value))}`);
  }
  const word = await terminal.choose("Type approve to approve it so, or back: ", ["approve", "back"], signal);
  return word === "approve" ? changed : undefined;
}

/** A number stays a number, a text a text (defect 33). */
function parseLike(before: JsonValue, typed: string): JsonValue | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(typed) as JsonValue;
  } catch {
    value = typed;
  }
  if (typeof before === "string" && typeof value !== "string") value = typed;
  return before === null || kindOf(value) === kindOf(before) ? value : undefined;
}

function kindOf(value: JsonValue): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}
