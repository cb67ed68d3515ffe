import type { RequestOptions, Transport } from "./transport.ts";

/** A decision that an operator may give, as GLAIP writes it. */
export type HitlDecision = "approved" | "rejected" | "skipped";

/** A request that waits, as GLAIP writes it. */
export interface PendingHitlRequest {
  request_id: string;
  tool: string;
  arguments: Record<string, unknown>;
  created_at: string;
  agent_id: string;
  run_id: string | null;
  hitl_metadata: { required: boolean; decision: string; timeout_at?: string; timeout_seconds?: number };
  additional_context?: Record<string, unknown>;
}

export interface HitlAnswer {
  status: string;
  message: string;
}

/**
 * Operators' decisions by hand, in the words of GLAIP: from a script or another process than the one that follows the run.
 * Throws what the server refuses: 404 for a request that it does not know, 409 for one that is resolved.
 */
export class Hitl {
  readonly #transport: Pick<Transport, "json">;

  constructor(transport: Pick<Transport, "json">) {
    this.#transport = transport;
  }

  listPending(): Promise<PendingHitlRequest[]> {
    return this.#transport.json("GET", "/agents/hitl/pending");
  }

  approve(requestId: string, operatorInput?: string, runId?: string): Promise<HitlAnswer> {
    return this.decide(requestId, "approved", operatorInput, runId);
  }

  reject(requestId: string, operatorInput?: string, runId?: string): Promise<HitlAnswer> {
    return this.decide(requestId, "rejected", operatorInput, runId);
  }

  skip(requestId: string, operatorInput?: string, runId?: string): Promise<HitlAnswer> {
    return this.decide(requestId, "skipped", operatorInput, runId);
  }

  decide(
    requestId: string,
    decision: HitlDecision,
    operatorInput?: string,
    runId?: string,
    options: Omit<RequestOptions, "body"> = {},
  ): Promise<HitlAnswer> {
    // What is undefined is left out of the JSON.
    const body = { request_id: requestId, decision, operator_input: operatorInput, run_id: runId };
    return this.#transport.json("POST", "/agents/hitl/decision", { ...options, body });
  }
}
