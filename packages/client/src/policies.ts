import type {
  Backtest,
  ExplainInput,
  Explanation,
  PolicyFinding,
  PolicyInForce,
  PolicyInput,
  PolicyVersion,
  PolicyVersionSummary,
  PutPolicy,
  ShadowReport,
} from "@holdpoint/protocol";
import type { CallOptions } from "./holds.ts";
import { listAll } from "./page.ts";
import type { Transport } from "./transport.ts";

/** The policy: what must be asked, and what a change of it would do. */
export class Policies {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** What is in force, with what is to be said about it. Version 0: nobody has given one. */
  get(): Promise<PolicyInForce> {
    return this.#send("GET", "/v1/policies");
  }

  /** Every version, newest first, without documents. */
  versions(): AsyncGenerator<PolicyVersionSummary, void, undefined> {
    return listAll<PolicyVersionSummary>(this.#transport, "/v1/policies/versions", {});
  }

  /** Throws `not_found`. */
  version(version: number): Promise<PolicyVersion> {
    return this.#send("GET", `/v1/policies/versions/${version}`);
  }

  /**
   * Makes a document the next version. Throws `invalid_request` with every mistake, and `conflict` when another version
   * than `expectedVersion` is in force by then.
   */
  put(policy: PutPolicy, options: CallOptions = {}): Promise<PolicyVersion> {
    // The same in every repetition: the second of two equal requests is not a second editor.
    const idempotencyKey = options.idempotencyKey ?? globalThis.crypto.randomUUID();
    return this.#send("PUT", "/v1/policies", { ...options, idempotencyKey, body: policy });
  }

  /** What is wrong or doubtful in a document. Changes nothing. */
  check(
    document: PolicyInput,
    { strict = false }: { strict?: boolean } = {},
  ): Promise<{ isUsable: boolean; findings: PolicyFinding[] }> {
    return this.#send("POST", "/v1/policies/check", { body: { document, strict } });
  }

  /** What would become of an action, by the policy in force or by a draft. Creates nothing. */
  explain(input: ExplainInput): Promise<Explanation> {
    return this.#send("POST", "/v1/policies/explain", { body: input });
  }

  /** What a draft would do with the recorded actions of the last days. */
  backtest(document: PolicyInput, { days = 30 }: { days?: number } = {}): Promise<Backtest> {
    return this.#send("POST", "/v1/policies/backtest", { body: { document, days }, timeoutMs: 120_000 });
  }

  /** What the version that runs beside would have done. */
  shadow(): Promise<ShadowReport> {
    return this.#send("GET", "/v1/policies/shadow");
  }

  #send<Result>(
    method: string,
    path: string,
    options: Parameters<Transport["send"]>[2] = {},
  ): Promise<Result> {
    return this.#transport.json<Result>(method, path, options);
  }
}
