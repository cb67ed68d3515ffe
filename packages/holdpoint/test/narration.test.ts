import type { StreamEvent } from "@holdpoint/client";
import { describe, expect, test } from "vitest";
import { Narrator } from "../src/cli/runs/narrator.ts";
import { Console } from "../src/cli/terminal/console.ts";
import { FakeWorld } from "./fake-world.ts";

/** What the person sees of these events. */
function told(...events: (Partial<StreamEvent> & { type: string })[]): string {
  let screen = "";
  const world = new FakeWorld();
  world.stderr.write = (chunk: unknown) => {
    screen += String(chunk);
    return true;
  };
  const narrator = new Narrator(new Console(world), false, "r");
  for (const event of events) narrator.tell({ runId: "r", ...event } as StreamEvent);
  narrator.endLine();
  return screen;
}

const text = (offset: number, words: string, step = 1) => ({
  type: "run.text" as const,
  runId: "r",
  step,
  offset,
  text: words,
});
const step = (words: string, position = 1) => ({
  type: "run.step" as const,
  data: { step: position, text: words },
});

describe("an agent that was called", () => {
  test("says and does everything behind its name, and its end is not the run's", () => {
    const inner = { runId: "other", agentId: "refunds" };
    expect(
      told(
        { type: "action.suspended", actionName: "refunds", data: { childRunId: "run_2" } },
        { ...step("Hello\nyou"), ...inner },
        { type: "action.executed", actionName: "delete", data: {}, ...inner },
        { type: "run.completed", data: {}, ...inner },
        step("Done."),
      ),
    ).toBe(
      [
        "refunds works, in run_2",
        "│ refunds: Hello",
        "│ refunds: you",
        "refunds: delete was executed",
        "refunds: The agent has answered.",
        "│ Done.",
        "",
      ].join("\n"),
    );
  });
});

describe("what the model says", () => {
  test("is shown as it comes, once", () => {
    expect(told(text(0, "Hel"), text(3, "lo"), step("Hello you"))).toBe("│ Hello you\n");
  });

  test("is not said again when it comes again after a reconnect", () => {
    expect(told(text(0, "Hello"), text(0, "Hello"), text(0, "Hello you"), step("Hello you"))).toBe(
      "│ Hello you\n",
    );
  });

  test("begins anew when the model call was repeated", () => {
    expect(told(text(0, "Hello"), text(0, "Good day"), step("Good day"))).toBe("│ Hello\n│ Good day\n");
    expect(told(text(0, "Hello"), step("Good day"))).toBe("│ Hello\n│ Good day\n");
  });

  test("is whole even where the stream left a gap, and turns do not mix", () => {
    expect(told(text(0, "He"), text(4, "o"), step("Hello"), text(0, "Bye", 2), step("Bye", 2))).toBe(
      "│ Hello\n│ Bye\n",
    );
  });

  test("cannot pose as ours: each line has a bar, and nothing unseen gets through", () => {
    expect(
      told(text(0, "a\n● waits for you\r"), text(18, "\u001b[2J\n"), step("a\n● waits for you\r\u001b[2J\n")),
    ).toBe("│ a\n│ ● waits for you\\u{d}\\u{1b}[2J\n");
  });
});
