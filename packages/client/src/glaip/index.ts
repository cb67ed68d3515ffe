/*
 * The client side of GLAIP, for its users:
 *
 *   import { GlaipClient, HitlHandler } from "@holdpoint/client/glaip";
 *   const client = new GlaipClient({ url, apiKey });
 *   const handler = new HitlHandler({ client, interactive: true });
 *   await client.agents.run(agentId, "Clean up the staging data", { hitlHandler: handler });
 */

// Agents and runs.
export {
  GlaipClient,
  type GlaipChunk,
  type GlaipRun,
  type GlaipRunOptions,
  type NewGlaipAgent,
} from "./glaip-client.ts";

// Operators' decisions.
export {
  HitlHandler,
  type HitlDelivery,
  type HitlHandlerOptions,
  type HitlSurroundings,
} from "./hitl-handler.ts";
export { callbackBudgetMs, type HitlMetadata, type HitlRequest, type HitlResponse } from "./hitl-request.ts";
export { Hitl, type HitlAnswer, type HitlDecision, type PendingHitlRequest } from "../hitl.ts";
