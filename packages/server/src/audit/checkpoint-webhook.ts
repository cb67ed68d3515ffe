import { postJson } from "../outbound/post-json.ts";
import type { CheckpointDestination, ExportedCheckpoint } from "./checkpoint-exports.ts";

export interface CheckpointWebhookOptions {
  url: string;
  /** Also on this machine or in the private network. */
  isPrivateAllowed?: boolean | undefined;
}

/**
 * Sends checkpoints to an address by POST: of each organisation the newest, since it stands for all before it. Begins
 * with the newest of all at each start, and repeats what was not taken.
 */
export class CheckpointWebhook implements CheckpointDestination {
  readonly name: string;
  readonly #options: CheckpointWebhookOptions;

  constructor(options: CheckpointWebhookOptions) {
    this.#options = options;
    // Without its path, which may hold a secret.
    this.name = new URL(options.url).origin;
  }

  async lastPosition(): Promise<undefined> {
    return undefined;
  }

  async take(checkpoints: readonly ExportedCheckpoint[], signal: AbortSignal): Promise<void> {
    const newest = new Map(checkpoints.map((checkpoint) => [checkpoint.orgId, checkpoint]));
    for (const checkpoint of newest.values()) {
      await postJson(
        this.#options.url,
        { type: "audit.checkpoint", data: checkpoint },
        {
          isPrivateAllowed: this.#options.isPrivateAllowed,
          ...(signal.aborted ? { timeoutMs: 2_000 } : { signal }),
        },
      );
    }
  }
}
