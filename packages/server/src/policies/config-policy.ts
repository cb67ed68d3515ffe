import { canonicalJson, createId, policySchema, sha256Of, type JsonObject } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { changesBetween } from "./policy-changes.ts";
import type { PolicyStore } from "./policy-store.ts";

const MAX_ATTEMPTS = 5;

export interface TakeOverPolicy {
  database: Database;
  policies: PolicyStore;
  logger: Pick<Logger, "info">;
  orgId: string;
  document: JsonObject;
}

/**
 * Makes the config file's policy the one in force, unless it is the same as was taken over last: then what people have
 * changed since stays. Of several instances that start at once one does it. True when it became a new version.
 */
export async function takeOverPolicy(options: TakeOverPolicy): Promise<boolean> {
  const { database, policies, logger, orgId } = options;
  const configHash = sha256Of(canonicalJson(options.document));
  const document = policySchema.parse(options.document) as unknown as JsonObject;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const before = await policies.get(orgId);
    const answer = (await database.call("take_over_policy_v1", {
      orgId,
      id: createId("pol"),
      eventId: createId("evt"),
      baseVersion: before.version,
      document,
      source: "config",
      mode: "enforce",
      configHash,
      changes: changesBetween(before.document, document),
    })) as { code: "ok" | "same" | "version_conflict"; version?: { version: number } };
    if (answer.code === "same") return false;
    await policies.forget(orgId, before.revision);
    if (answer.code === "ok") {
      logger.info(
        { version: answer.version?.version },
        "The config file's policy is in force as a new version.",
      );
      return true;
    }
  }
  throw new Error("The policy was changed several times while the config file's was taken over.");
}
