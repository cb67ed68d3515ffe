// P3, the cycle of an agent: a run starts, the model proposes a gated call, a person approves it, it is executed, and the
// model answers. The model is a function that answers at once, in Holdpoint and in LangGraph.js.
import type { Target } from "../load/target.ts";
import { startPostgresSubject } from "../measurement/generated-load.ts";
import { measureAll, type Measured } from "../measurement/measure-all.ts";
import { startObservedPostgres } from "../measurement/observed-postgres.ts";
import type { Subject } from "../measurement/subject.ts";
import { startProduct } from "../product/product.ts";
import { POOL_SIZE } from "./cycle.ts";
import type { RowOptions } from "./row-options.ts";

/** In the order in which they are measured. */
export const AGENT_SUBJECTS = { product: "Holdpoint, agent", langgraph: "LangGraph.js, agent" } as const;

export async function measureAgentCycle({ plan, log, productNodeOptions }: RowOptions): Promise<Measured> {
  await using running = new AsyncDisposableStack();
  const postgres = await startObservedPostgres();
  running.defer(() => postgres.remove());

  async function start(name: string, target: Target, server: number | "generator"): Promise<Subject> {
    const subject = await startPostgresSubject({ name, postgres, target, server });
    running.defer(() => subject.stop());
    return subject;
  }
  const store = { url: await postgres.createDatabase("product"), poolSize: POOL_SIZE };
  const product = await startProduct(store, productNodeOptions);
  running.defer(() => product.stop());
  const { url, operatorKey } = product.ready;
  const peer: Target = {
    type: "langgraph agent",
    url: await postgres.createDatabase("langgraph"),
    poolSize: POOL_SIZE,
  };
  const subjects = [
    await start(AGENT_SUBJECTS.product, { type: "runs", url, operatorKey }, product.pid),
    await start(AGENT_SUBJECTS.langgraph, peer, "generator"),
  ];
  return await measureAll(subjects, plan, plan.agentClients, log);
}
