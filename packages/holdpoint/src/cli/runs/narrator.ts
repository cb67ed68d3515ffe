import type { StreamEvent } from "@holdpoint/client";
import type { HoldpointEvent, JsonObject, JsonValue } from "@holdpoint/protocol";
import { renderFact } from "../holds/facts.ts";
import type { Console } from "../terminal/console.ts";
import { printable, PrintableStream } from "../terminal/printable.ts";

/**
 * Tells what a run does, a line for each thing that happens and the model's text as it comes. Talk goes to stderr;
 * with --json every event goes to stdout instead, one line each.
 */
export class Narrator {
  readonly #console: Console;
  readonly #isJson: boolean;
  readonly #text = new PrintableStream();
  #step = -1;
  #told = 0;
  #isInLine = false;

  constructor(console: Console, isJson: boolean) {
    this.#console = console;
    this.#isJson = isJson;
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
    const line = describeEvent(event);
    if (line !== undefined) this.line(this.#console.style.dim(line));
  }

  /** A line of its own, after whatever the model was saying. */
  line(text: string): void {
    this.endLine();
    this.#console.say(text);
  }

  endLine(): void {
    this.#console.stream(this.#text.end());
    if (this.#isInLine) this.#console.say();
    this.#isInLine = false;
  }

  /** After a reconnect, or when a model call was repeated, text comes again from an earlier offset. */
  #speak(step: number, offset: number, text: string): void {
    if (step !== this.#step || offset === 0) {
      this.endLine();
      this.#step = step;
      this.#told = 0;
    }
    const news = text.slice(Math.max(0, this.#told - offset));
    this.#told = Math.max(this.#told, offset + text.length);
    const shown = this.#text.push(news);
    if (shown === "") return;
    this.#console.stream(shown);
    this.#isInLine = !shown.endsWith("\n");
  }
}

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
