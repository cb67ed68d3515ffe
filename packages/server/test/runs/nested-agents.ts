import { defineAgent, type DefinedAgent } from "../../src/agents/agent.ts";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import type { FixtureAgent } from "./run-fixture.ts";
import { obey, type TestTools } from "./test-tools.ts";

/** `refunds: delete 5` gives the agent of that tool the rest as its task; `a+b: …` to both. */
export const passOn: Script = ({ text, results }) => {
  if (results.length > 0)
    return {
      text: results
        .map(({ result, problem }) => problem ?? (typeof result === "string" ? result : ""))
        .join("\n"),
    };
  const [name = "", ...rest] = text.split(": ");
  return {
    text: `I ask ${name}.`,
    toolCalls: name.split("+").map((each) => ({ name: each, arguments: { input: rest.join(": ") } })),
  };
};

/** Has the test's tools, and obeys. */
export function refundsAgent(tools: TestTools, more: Partial<FixtureAgent> = {}): DefinedAgent {
  return defineAgent({
    id: "refunds",
    name: "Refunds",
    model: "openai/none",
    tools: tools.tools,
    script: obey,
    ...more,
  });
}
