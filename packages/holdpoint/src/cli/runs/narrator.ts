import type { StreamEvent } from "@holdpoint/client";
import type { HoldpointEvent, JsonObject, JsonValue } from "@holdpoint/protocol";
import { renderFact } from "../holds/facts.ts";
import type { Console } from "../terminal/console.ts";
import { printable, PrintableStream } from "../terminal/printable.ts";

/**
 * Tells what a run does, a line for each thing that happens and the model's text as it comes. Talk goes to stderr;
 * with --json every event goes to stdout instead, one line each.
 *
 * Every line of the model's text begins with a bar, so that none can pose as a line of ours (I13).
 */
export class Narrator {
  readonly #console: Console;
  readonly #isJson: boolean;
  readonly #runId: string;
  #printable = new PrintableStream();
  #step = -1;
  #said = "";
  #isInLine = false;

  constructor(console: Console, isJson: boolean, runId: string) {
    this.#console = console;
    this.#isJson = isJson;
    this.#runId = runId;
  }

  /** The text of the last turn, as far as it was told. */
  get lastText(): string {
    return this.#said;
  }

  tell(event: StreamEvent): void {
    if (this.#isJson) {
      this.#console.json(event);
      return;
    }
    if (event.type === "run.text") {
      this.#speak(event.step, event.offset, event.text);
      return;
    }
    // Of an agent that the run called: after its name.
    if (event.runId !== this.#runId) return this.#tellOfOther(event);
    if (event.type === "run.step") {
      const { step, text } = event.data;
      if (typeof step === "number" && typeof text === "string") this.#speakWhole(step, text);
      return;
    }
    const line = describeEvent(event);
    if (line !== undefined) this.line(this.#console.style.dim(line));
  }

  #tellOfOther(event: HoldpointEvent): void {
    const who = printable(event.agentId ?? "another agent");
    const { text } = event.data;
    if (event.type === "run.step" && typeof text === "string" && text !== "") {
      for (const line of printable(text, { isProse: true }).split("\n"))
        this.line(this.#console.style.dim(`│ ${who}: ${line}`));
      return;
    }
    const line = OF_OTHERS[event.type] ?? describeEvent(event);
    if (line !== undefined) this.line(this.#console.style.dim(`${who}: ${line}`));
  }

  /** A line of its own, after whatever the model was saying. */
  line(text: string): void {
    this.endLine();
    this.#console.say(text);
  }

  endLine(): void {
    this.#write(this.#printable.end());
    if (this.#isInLine) this.#console.say();
    this.#isInLine = false;
  }

  /** After a reconnect, or when a model call was repeated, text comes again from an earlier offset. */
  #speak(step: number, offset: number, text: string): void {
    const isSame = text.startsWith(this.#said) || this.#said.startsWith(text);
    const isNewTurn = step !== this.#step || (offset === 0 && !isSame);
    if (isNewTurn) this.#beginTurn(step);
    if (offset > this.#said.length) return; // the finished step brings what is missing
    const news = text.slice(this.#said.length - offset);
    this.#said += news;
    this.#write(this.#printable.push(news));
  }

  /** The finished turn: what was not streamed of it, or all of it when something else was. */
  #speakWhole(step: number, text: string): void {
    if (step < this.#step) return;
    if (step !== this.#step || !text.startsWith(this.#said)) this.#beginTurn(step);
    this.#speak(step, this.#said.length, text.slice(this.#said.length));
    this.endLine();
  }

  #beginTurn(step: number): void {
    this.endLine();
    this.#printable = new PrintableStream();
    this.#step = step;
    this.#said = "";
  }

  #write(text: string): void {
    if (text === "") return;
    const bar = this.#console.style.dim("│ ");
    const isOpen = this.#isInLine;
    this.#isInLine = !text.endsWith("\n");
    const lines = text.replace(/\n$/, "").replaceAll("\n", `\n${bar}`);
    this.#console.stream(`${isOpen ? "" : bar}${lines}${this.#isInLine ? "" : "\n"}`);
  }
}

/** The ends of another agent's run, which are not those of the run that is followed. */
const OF_OTHERS: Partial<Record<HoldpointEvent["type"], string>> = {
  "run.started": "The agent begins.",
  "run.completed": "The agent has answered.",
  "run.failed": "The agent failed.",
  "run.cancelled": "The agent was cancelled.",
  "run.killed": "The agent was killed.",
};

/** What an event says in a line; undefined for what the person sees otherwise, or need not see. */
function describeEvent(event: HoldpointEvent): string | undefined {
  const action = printable(event.actionName ?? "an action");
  switch (event.type) {
    case "action.auto_proceeded":
      return `${action} may run by itself${argumentsOf(event.data)}`;
    case "action.executing":
      return `${action} is being executed${argumentsOf(event.data)}`;
    case "action.executed":
      return `${action} was executed`;
    case "action.failed":
      return `${action} failed`;
    case "action.suspended":
      return typeof event.data["childRunId"] === "string"
        ? `${action} works, in ${printable(event.data["childRunId"])}`
        : `${action} asks, and waits for the answer`;
    case "action.unknown":
      return `Nobody knows whether ${action} was executed: the process died in between. A person is asked.`;
    case "action.refused":
      return `${action} was refused: ${reasonOf(event)}`;
    case "run.holding":
      return "The run waits; it costs nothing while it does.";
    case "run.paused":
      return "The run is paused.";
    case "run.resumed":
      return "The run goes on.";
    default:
      return undefined;
  }
}

function argumentsOf(data: JsonObject): string {
  const action: JsonValue | undefined = data["action"];
  if (typeof action !== "object" || action === null || Array.isArray(action)) return "";
  const values = action["arguments"];
  return values === undefined ? "" : `: ${renderFact(values)}`;
}

function reasonOf(event: HoldpointEvent): string {
  const { reason, error, message } = event.data;
  const found = event.rationale ?? [reason, error, message].find((value) => typeof value === "string");
  return typeof found === "string" ? printable(found) : renderFact(event.data);
}
