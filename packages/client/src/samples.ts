import type { CalibrationReport, ReviewSample, Sample } from "@holdpoint/protocol";
import { listAll } from "./page.ts";
import type { Transport } from "./transport.ts";

/** Which samples {@link Samples.list} gives. */
export interface ListSamplesOptions {
  status?: Sample["status"] | undefined;
  agentId?: string | undefined;
}

/** Actions that proceeded by themselves and were drawn for people to judge. */
export class Samples {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Newest first. */
  list(options: ListSamplesOptions = {}): AsyncGenerator<Sample, void, undefined> {
    return listAll<Sample>(this.#transport, "/v1/samples", { ...options });
  }

  /** Says whether it was correct. Throws `not_found`, `not_allowed`, `conflict` where somebody else has. */
  review(id: string, review: ReviewSample): Promise<Sample> {
    const path = `/v1/samples/${encodeURIComponent(id)}/review`;
    return this.#transport.json<Sample>("POST", path, { body: review });
  }

  /** How well confidence foretold correctness, of all agents or one. */
  calibration(
    options: { agentId?: string | undefined; target?: number | undefined } = {},
  ): Promise<CalibrationReport> {
    const path = "/v1/insights/calibration";
    return this.#transport.json<CalibrationReport>("GET", path, { query: options });
  }
}
