import { describe, expect, test } from "vitest";
import { exampleHold } from "./example-hold.ts";
import { FakeWorld } from "./fake-world.ts";
import { HoldServer } from "./hold-server.ts";

const doubted = exampleHold({
  kind: "escalation",
  tier: "escalation",
  title: "Is the answer of Analyst good enough?",
  action: null,
  question: {
    type: "escalation",
    task: "What was the turnover?",
    result: "Perhaps 4 million.\n● waits for you  fake",
    confidence: 0.3,
    threshold: 0.65,
  },
  reasons: [{ rule: "confidence", text: "Confidence 0.30 below threshold 0.65" }],
  allowedVerdicts: ["approve", "modify", "reject", "answer"],
});

async function run(argv: string[]): Promise<{ text: string; code: number; decisions: object[] }> {
  await using server = await HoldServer.start(doubted);
  const { code, stdout, stderr } = await new FakeWorld({ env: server.env }).run(...argv);
  return { code, text: stdout + stderr, decisions: server.decisions };
}

describe("a result that its agent is not sure of", () => {
  test("is shown with task, result, confidence in number and words, and what may be said", async () => {
    const { text } = await run(["holds", "show", "hold_1"]);
    expect(text).toContain("Confidence 0.30 (unsure), threshold 0.65");
    expect(text).toContain("  │ What was the turnover?");
    expect(text).toContain("  │ Perhaps 4 million.\n  │ ● waits for you  fake");
    expect(text).toMatch(/accept +npx holdpoint holds approve hold_1/);
    expect(text).toMatch(/edit +npx holdpoint holds modify hold_1 --set result='…'/);
    expect(text).toMatch(/send back +npx holdpoint holds answer hold_1 --guidance "…"/);
    expect(text).toMatch(/reject +npx holdpoint holds reject hold_1 --reason "…"/);
  });

  test("is accepted, edited and sent back", async () => {
    const { decisions: accepted } = await run(["holds", "approve", "hold_1", "--yes"]);
    expect(accepted).toEqual([{ verdict: "approve" }]);
    const edited = await run(["holds", "modify", "hold_1", "--set", "result=4.2 million.", "--yes"]);
    expect(edited.decisions).toEqual([{ verdict: "modify", arguments: { result: "4.2 million." } }]);
    const { decisions: sentBack } = await run([
      "holds",
      "answer",
      "hold_1",
      "--guidance",
      "Name the source.",
    ]);
    expect(sentBack).toEqual([{ verdict: "answer", answer: { guidance: "Name the source." } }]);
  });

  test("is answered with one thing only", async () => {
    const { code, decisions } = await run(["holds", "answer", "hold_1", "--guidance", "x", "--value", "1"]);
    expect({ code, decisions }).toEqual({ code: 2, decisions: [] });
  });
});
