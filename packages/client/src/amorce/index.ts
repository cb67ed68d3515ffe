/*
 * The client side of Amorce, for its users:
 *
 *   import { AmorceClient, ApprovalRequiredError } from "@holdpoint/client/amorce";
 *   const amorce = new AmorceClient({ url, apiKey, agentId: "travel" });
 *   await amorce.transact({ serviceContract: { service_id: "table" }, payload: { intent: "book", seats: 4 } });
 */

export {
  AmorceClient,
  ApprovalRequiredError,
  type AmorceApproval,
  type AmorceCallOptions,
  type AmorceStatus,
  type AmorceTransaction,
} from "./amorce-client.ts";
