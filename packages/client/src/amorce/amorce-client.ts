import { HoldpointError, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { HoldpointApiError, isNamed } from "../api-error.ts";
import { delay } from "../backoff.ts";
import { Transport, type HoldpointOptions } from "../transport.ts";

export type AmorceStatus = "pending" | "approved" | "rejected" | "expired";

/** An approval as Amorce writes it. */
export interface AmorceApproval {
  approval_id: string;
  transaction_id: string | null;
  status: AmorceStatus;
  summary: string;
  details: JsonObject;
  decision: "approve" | "reject" | null;
  approved_by: string | null;
  approved_at: string | null;
  comments: string | null;
  created_at: string;
  expires_at: string | null;
}

export interface AmorceTransaction {
  transaction_id: string;
  status: string;
  result: JsonValue;
  [member: string]: unknown;
}

export interface AmorceCallOptions {
  /** The same in every repetition by this process; name it, and it is the same from another one. */
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
}

/** The service asks for a person's approval of the transaction; ask for it, and transact again once it is given. */
export class ApprovalRequiredError extends HoldpointError {
  override name = "ApprovalRequiredError";
  /** What the approval is to be asked for, and the transaction to be repeated with. */
  readonly transactionId: string | undefined;
  /** Why, as the service says it. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(refusal: HoldpointApiError) {
    super(refusal.message, { code: "approval_required", status: 403, cause: refusal });
    const { transaction_id } = refusal.problem;
    this.transactionId = typeof transaction_id === "string" ? transaction_id : undefined;
    this.problem = refusal.problem;
  }

  /** True where a person has to approve first. */
  static override isInstance(error: unknown): error is ApprovalRequiredError {
    return isNamed(error, "ApprovalRequiredError");
  }
}

const POLL_MS = 2_000;

/**
 * An Amorce agent's client: transactions, and the approvals that some of them need.
 *
 * It tells nobody: the app chooses the channel (R108). Only `approved` may lead to the transaction that finishes it (R117);
 * the service holds to that whatever the agent does.
 */
export class AmorceClient {
  readonly #transport: Transport;
  readonly #agentId: string | undefined;

  /** `agentId`: the `consumer_agent_id` of its transactions. */
  constructor({ agentId, ...options }: HoldpointOptions & { agentId?: string }) {
    this.#transport = new Transport(options);
    this.#agentId = agentId;
  }

  /** Throws {@link ApprovalRequiredError} while a person has to approve it first. */
  async transact(
    transaction: {
      serviceContract: { service_id: string };
      payload: JsonObject;
      transactionId?: string | undefined;
    },
    options: AmorceCallOptions = {},
  ): Promise<AmorceTransaction> {
    const body = {
      consumer_agent_id: this.#agentId,
      service_id: transaction.serviceContract.service_id,
      payload: transaction.payload,
      transaction_id: transaction.transactionId,
    };
    try {
      return (await this.#send("POST", "/api/v1/a2a/transact", { ...options, body })) as AmorceTransaction;
    } catch (error) {
      if (HoldpointApiError.isInstance(error) && error.problem["requires_hitl"] === true) {
        throw new ApprovalRequiredError(error);
      }
      throw error;
    }
  }

  /** Asks a person; the answer is the approval's id. `details` has to show everything that the transaction will do. */
  async requestApproval(
    approval: {
      transactionId: string;
      summary: string;
      details: JsonObject;
      /** Default 300. */
      timeoutSeconds?: number | undefined;
      /** An id of your own: the same content under it is the same approval. */
      approvalId?: string | undefined;
      alternatives?: JsonValue[] | undefined;
    },
    options: AmorceCallOptions = {},
  ): Promise<string> {
    const body = {
      approval_id: approval.approvalId,
      transaction_id: approval.transactionId,
      summary: approval.summary,
      details: approval.details,
      timeout_seconds: approval.timeoutSeconds ?? 300,
      alternatives: approval.alternatives,
    };
    const made = (await this.#send("POST", "/api/v1/approvals", { ...options, body })) as AmorceApproval;
    return made.approval_id;
  }

  checkApproval(
    approvalId: string,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<AmorceApproval> {
    return this.#send("GET", approvalPath(approvalId), options) as Promise<AmorceApproval>;
  }

  /** Looks every two seconds until it is decided or expired; however it ended, that is answered. */
  async waitForApproval(
    approvalId: string,
    { signal, pollMs = POLL_MS }: { signal?: AbortSignal | undefined; pollMs?: number } = {},
  ): Promise<AmorceApproval> {
    for (;;) {
      const approval = await this.checkApproval(approvalId, { signal });
      if (approval.status !== "pending") return approval;
      await delay(pollMs, signal);
    }
  }

  /**
   * Hands in what a person has decided: for whoever holds an operator's key, which agents do not. `comments`: their reply in
   * their own words. A reply that is not clearly a yes is a no.
   */
  submitApproval(
    submission: {
      approvalId: string;
      decision: "approve" | "reject";
      approvedBy: string;
      comments?: string | undefined;
      selectedAlternative?: JsonValue | undefined;
    },
    options: AmorceCallOptions = {},
  ): Promise<Pick<AmorceApproval, "approval_id" | "status" | "approved_at">> {
    const body = {
      decision: submission.decision,
      approved_by: submission.approvedBy,
      comments: submission.comments,
      selected_alternative: submission.selectedAlternative,
    };
    const path = `${approvalPath(submission.approvalId)}/submit`;
    return this.#send("POST", path, { ...options, body }) as Promise<AmorceApproval>;
  }

  #send(method: string, path: string, options: AmorceCallOptions & { body?: object }): Promise<unknown> {
    return this.#transport.json(method, path, options);
  }
}

function approvalPath(id: string): string {
  return `/api/v1/approvals/${encodeURIComponent(id)}`;
}
