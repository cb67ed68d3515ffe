import { createHash } from "node:crypto";
import type { Queries } from "../database/database.ts";
import { postJson } from "../outbound/post-json.ts";
import type { CheckpointDestination, ExportedCheckpoint, TakeContext } from "./checkpoint-exports.ts";

export interface CheckpointWebhookOptions {
  url: string;
  /** Also on this machine or in the private network. */
  isPrivateAllowed?: boolean | undefined;
}

/**
 * Sends checkpoints to an address by POST: of each organisation the newest, since it stands for all before it. How far it
 * is stands in the database, so that after a restart it goes on there; what was not taken comes again.
 */
export class CheckpointWebhook implements CheckpointDestination {
  readonly name: string;
  readonly #options: CheckpointWebhookOptions;
  readonly #key: string;

  constructor(options: CheckpointWebhookOptions) {
    this.#options = options;
    // Without its path, which may hold a secret.
    this.name = new URL(options.url).origin;
    this.#key = createHash("sha256").update(options.url).digest("base64url");
  }

  async lastPosition(queries: Pick<Queries, "call">): Promise<number | undefined> {
    return ((await queries.call("audit_destination_v1", this.#key)) as number | null) ?? undefined;
  }

  async take(checkpoints: readonly ExportedCheckpoint[], { queries, signal }: TakeContext): Promise<void> {
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
    await queries.call("audit_taken_v1", this.#key, checkpoints.at(-1)?.position);
  }
}
