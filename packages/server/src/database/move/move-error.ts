import { HoldpointError } from "@holdpoint/protocol";

/**
 * Why a folder cannot be moved. Nothing was changed.
 *
 * - `no_embedded_database`: there is none in the folder.
 * - `target_not_empty`: the other database holds something already.
 * - `moved_elsewhere`: its rows went to yet another database, or were on their way there.
 */
export class MoveError extends HoldpointError {
  override name = "MoveError";

  constructor(code: "no_embedded_database" | "target_not_empty" | "moved_elsewhere", message: string) {
    super(message, { code, status: 409 });
  }
}
