// LangGraph.js as its documentation has it wait for a person: `interrupt` in a node, `Command({resume})` with the
// decision. Durability is its default, "async": each checkpoint is written, and written when `invoke` returns.
import { randomUUID } from "node:crypto";
import { Annotation, Command, END, interrupt, isInterrupted, START, StateGraph } from "@langchain/langgraph";
import type { Clients } from "../load/clients.ts";
import { PROPOSED_ACTION } from "../load/target.ts";
import { openSaver } from "./langgraph-saver.ts";

interface Decision {
  verdict: string;
}

const State = Annotation.Root({
  action: Annotation<typeof PROPOSED_ACTION>,
  decision: Annotation<Decision | undefined>,
});

/** Each cycle is a thread of its own: it is interrupted with an action, and resumed with a decision about it. */
export async function langgraphApprovals(url: string, poolSize: number): Promise<Clients> {
  const { saver, close } = await openSaver(url, poolSize);
  const graph = new StateGraph(State)
    .addNode("approve", ({ action }) => ({ decision: interrupt<typeof action, Decision>(action) }))
    .addEdge(START, "approve")
    .addEdge("approve", END)
    .compile({ checkpointer: saver });

  async function cycle(): Promise<void> {
    const thread = { configurable: { thread_id: randomUUID() } };
    const held = await graph.invoke({ action: PROPOSED_ACTION }, thread);
    if (!isInterrupted(held)) throw new Error("The graph was not interrupted.");
    const ended = await graph.invoke(new Command({ resume: { verdict: "approve" } }), thread);
    if (ended.decision?.verdict !== "approve") throw new Error("The decision did not arrive.");
  }

  return { take: async (count) => Array.from({ length: count }, () => cycle), close };
}
