// An agent in LangGraph.js, the small one of its documentation: a model node, a tool node that asks a person before it
// executes, and back to the model. The model is a function that answers at once.
import { randomUUID } from "node:crypto";
import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import {
  Command,
  END,
  interrupt,
  isInterrupted,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import type { Clients } from "../load/clients.ts";
import { FINAL_ANSWER, PROPOSED_ACTION } from "../load/target.ts";
import { openSaver } from "./langgraph-saver.ts";

type State = typeof MessagesAnnotation.State;

/** Each cycle is a thread of its own: a request, a gated call, its approval and execution, an answer. */
export async function langgraphAgents(url: string, poolSize: number): Promise<Clients> {
  const { saver, close } = await openSaver(url, poolSize);
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", answer)
    .addNode("tools", executeCalls)
    .addEdge(START, "model")
    .addConditionalEdges("model", (state) => (callsOf(state).length > 0 ? "tools" : END), ["tools", END])
    .addEdge("tools", "model")
    .compile({ checkpointer: saver });

  async function cycle(): Promise<void> {
    const thread = { configurable: { thread_id: randomUUID() } };
    const request = new HumanMessage("Delete 50 old records from the users table");
    const held = await graph.invoke({ messages: [request] }, thread);
    if (!isInterrupted(held)) throw new Error("The graph was not interrupted.");
    const ended = await graph.invoke(new Command({ resume: { verdict: "approve" } }), thread);
    if (ended.messages.at(-1)?.content !== FINAL_ANSWER) throw new Error("The agent did not answer.");
  }

  return { take: async (count) => Array.from({ length: count }, () => cycle), close };
}

function answer({ messages }: State): Partial<State> {
  if (messages.at(-1) instanceof ToolMessage) return { messages: [new AIMessage(FINAL_ANSWER)] };
  const { name, arguments: args } = PROPOSED_ACTION;
  const call = { id: randomUUID(), name, args, type: "tool_call" as const };
  return { messages: [new AIMessage({ content: "", tool_calls: [call] })] };
}

function callsOf({ messages }: State): NonNullable<AIMessage["tool_calls"]> {
  const last = messages.at(-1);
  return last instanceof AIMessage ? (last.tool_calls ?? []) : [];
}

function executeCalls(state: State): Partial<State> {
  const results = callsOf(state).map((call) => {
    const { verdict } = interrupt<typeof call, { verdict: string }>(call);
    if (verdict !== "approve") throw new Error("The call was not approved.");
    return new ToolMessage({
      tool_call_id: call.id ?? "",
      name: call.name,
      content: JSON.stringify({ deleted: 0 }),
    });
  });
  return { messages: results };
}
