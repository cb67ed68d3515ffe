import { findClarification, type Clarification, type Holdpoint } from "@holdpoint/client";
import {
  HoldpointError,
  type DecisionInput,
  type Hold,
  type JsonObject,
  type JsonValue,
} from "@holdpoint/protocol";
import type { Context } from "../context.ts";
import { UsageError } from "../exit-code.ts";
import { present, type Terminal } from "../questions/present.ts";
import { printable } from "../terminal/printable.ts";
import type { Questioner } from "../terminal/questioner.ts";
import { askReason } from "./decide.ts";
import { doubtOf, editableOf, wordFor } from "./doubt.ts";
import { findChanges, renderDifference } from "./difference.ts";
import { renderFact } from "./facts.ts";
import { PROGRAM } from "./hints.ts";
import { parseTypedText, schemaOfField } from "./typed-value.ts";

export interface InteractiveDecision {
  context: Context;
  client: Holdpoint;
  questioner: Questioner;
  hold: Hold;
  /** Aborted when the hold has its outcome from elsewhere. */
  ended: AbortSignal;
}

/**
 * Asks for the verdict on a hold that was just shown, and gives it. A verdict is a word typed out; Enter alone asks
 * again, and `leave` decides nothing. A refusal by the server (arguments that do not fit) asks again too.
 */
export async function decideInteractively(decision: InteractiveDecision): Promise<void> {
  const { context, hold, questioner, ended } = decision;
  const { console } = context;
  const clarification = findClarification(hold);
  if (clarification !== undefined) return answerInteractively(decision, clarification);
  const words = new Map<string, DecisionInput["verdict"] | "leave">([
    ...hold.allowedVerdicts.map((verdict) => [wordFor(verdict, hold), verdict] as const),
    ["leave", "leave"],
  ]);
  const offered = [...words.keys()];
  for (;;) {
    const chosen = await questioner.choose(`${offered.join(", ")}? `, offered, ended);
    const word = words.get(chosen) ?? "leave";
    if (word === "leave") {
      console.say(`It goes on waiting. Decide later with: ${PROGRAM} holds show ${hold.id}`);
      return;
    }
    const input = await askRest(decision, word);
    if (input === undefined) continue;
    if (await isSettled(decision, input)) return;
  }
}

/** The same for a question: what is typed is the answer. */
async function answerInteractively(
  decision: InteractiveDecision,
  { question }: Clarification,
): Promise<void> {
  const { context, client, hold, questioner, ended } = decision;
  const terminal: Terminal = {
    questioner,
    say: (line) => context.console.say(line),
    signal: ended,
    authorize: () => client.request("POST", "/v1/connections/authorize", { body: { holdId: hold.id } }),
  };
  for (;;) {
    const said = await present(question, terminal);
    if (said.type === "leave") {
      context.console.say(`It goes on waiting. Answer later with: ${PROGRAM} holds show ${hold.id}`);
      return;
    }
    const input: DecisionInput =
      said.type === "answer"
        ? { verdict: "answer", answer: said.answer }
        : { verdict: "reject", comment: said.comment };
    if (await isSettled(decision, input)) return;
  }
}

/** Sends it. False when what was said does not fit, which is told: then the person is asked again. */
async function isSettled(
  { context, client, hold }: InteractiveDecision,
  input: DecisionInput,
): Promise<boolean> {
  const { console } = context;
  try {
    await client.holds.decide(hold.id, input);
    return true;
  } catch (error) {
    if (!HoldpointError.isInstance(error)) throw error;
    console.say(`${console.style.danger("Not decided:")} ${printable(error.message, { isProse: true })}`);
    for (const line of fieldErrors(error)) console.say(`  ${line}`);
    return error.status !== 422;
  }
}

function askRest(
  decision: InteractiveDecision,
  verdict: DecisionInput["verdict"],
): Promise<DecisionInput | undefined> {
  const { hold, questioner, ended } = decision;
  switch (verdict) {
    case "approve":
      return Promise.resolve({ verdict, ...(hold.action === null ? {} : { actionHash: hold.action.hash }) });
    case "skip":
      return Promise.resolve({ verdict });
    case "reject":
      return askReason(questioner, ended).then((comment) => ({ verdict, comment }));
    case "modify":
      return askChanges(decision);
    default:
      return askAnswer(decision);
  }
}

async function askChanges({
  context,
  hold,
  questioner,
  ended,
}: InteractiveDecision): Promise<DecisionInput | undefined> {
  const { console } = context;
  const proposed = editableOf(hold);
  if (proposed === undefined) {
    console.say("This hold has no arguments to change here; the API can.");
    return undefined;
  }
  const schema = hold.action?.schema ?? null;
  console.say("Enter keeps a value.");
  const edited: JsonObject = { ...proposed };
  for (const name of fieldNames(proposed, schema)) {
    const value = await askField(questioner, name, proposed[name], schema, ended);
    if (value !== undefined) edited[name] = value;
  }
  if (findChanges(proposed, edited).length === 0) {
    console.say("Nothing was changed, and nothing was decided.");
    return undefined;
  }
  console.say("\nProposed -> edited");
  for (const line of renderDifference(proposed, edited, console.style)) console.say(`  ${line}`);
  const yes = wordFor("modify", hold);
  const word = await questioner.choose(`Type ${yes} to approve it so, or back: `, [yes, "back"], ended);
  if (word === "back") return undefined;
  const bound = hold.action === null ? {} : { actionHash: hold.action.hash };
  return { verdict: "modify", ...bound, arguments: edited };
}

function fieldNames(values: JsonObject, schema: JsonObject | null): string[] {
  const properties = schema?.["properties"];
  const declared =
    typeof properties === "object" && properties !== null && !Array.isArray(properties)
      ? Object.keys(properties)
      : [];
  return [...new Set([...declared, ...Object.keys(values)])];
}

/** The new value, or undefined to keep the old one. What is none of the field's type is asked again. */
async function askField(
  questioner: Questioner,
  name: string,
  current: JsonValue | undefined,
  schema: JsonObject | null,
  ended: AbortSignal,
): Promise<JsonValue | undefined> {
  const field = schemaOfField(schema ?? undefined, name, schema ?? {});
  for (let question = `  ${printable(name)} [${renderFact(current)}]: `; ;) {
    const text = await questioner.ask(question, ended);
    if (text === "") return undefined;
    try {
      return parseTypedText(text, field, current, name);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      question = `  ${error.message}\n  ${printable(name)} [${renderFact(current)}]: `;
    }
  }
}

/** A word to the agent, or what became of a lost execution. */
async function askAnswer({
  context,
  hold,
  questioner,
  ended,
}: InteractiveDecision): Promise<DecisionInput | undefined> {
  if (doubtOf(hold) !== undefined) {
    const guidance = await questioner.ask("What should the agent do differently? ", ended);
    return guidance === "" ? undefined : { verdict: "answer", answer: { guidance } };
  }
  if (hold.kind !== "escalation") {
    context.console.say(`Answer it with: ${PROGRAM} holds answer ${hold.id} --value '…'`);
    return undefined;
  }
  const words = ["succeeded", "failed", "retry", "back"] as const;
  const executed = await questioner.choose(`What became of it: ${words.join(", ")}? `, words, ended);
  return executed === "back" ? undefined : { verdict: "answer", answer: { executed } };
}

function fieldErrors(error: HoldpointError): string[] {
  const { errors } = error.details as { errors?: { path: string; message: string }[] };
  return (errors ?? []).map(({ path, message }) => printable(path === "" ? message : `${path}: ${message}`));
}
