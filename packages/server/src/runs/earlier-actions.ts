import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { noteOfChange } from "./tool-message.ts";
import type { ReusableAction } from "./loaded-run.ts";

/**
 * What the run that a fork goes on from has executed, for one turn of the fork: each is given out once, for the same tool with
 * the same arguments; as they were executed, or else as the model had proposed them before a person changed them.
 */
export class EarlierActions {
  readonly #left: ReusableAction[];

  constructor(actions: readonly ReusableAction[]) {
    this.#left = [...actions];
  }

  take(tool: string, args: JsonObject): ReusableAction | undefined {
    const wanted = canonicalJson(args);
    const matching = (of: (action: ReusableAction) => JsonValue): number =>
      this.#left.findIndex((action) => action.name === tool && canonicalJson(of(action)) === wanted);
    const executed = matching((action) => action.arguments);
    const index = executed === -1 ? matching((action) => action.proposed) : executed;
    return index === -1 ? undefined : this.#left.splice(index, 1)[0];
  }
}

/** Its result; where it was executed with other arguments than proposed, that is said with it. */
export function resultOfReused({ name, proposed, arguments: args, result }: ReusableAction): JsonValue {
  if (canonicalJson(args) === canonicalJson(proposed) || !isJsonObject(args)) return result;
  return noteOfChange(name, args, result);
}
