import type { Logger } from "pino";
import type { DefinedConfig } from "../agents/config.ts";
import { PolicyError } from "../agents/policy-error.ts";
import { checkDocument, renderFinding, type PolicyCatalogue } from "./check-document.ts";

/** Says what is doubtful about the config's policy. In strict mode that stops the start: throws `ConfigError`. */
export function checkConfigPolicy(options: {
  config: Pick<DefinedConfig, "policy" | "policyWarnings">;
  catalogue: PolicyCatalogue;
  logger: Pick<Logger, "warn">;
}): void {
  const { config, catalogue, logger } = options;
  if (config.policy === undefined) return;
  const findings = catalogue.isStrict
    ? checkDocument(config.policy, catalogue).findings
    : config.policyWarnings;
  if (catalogue.isStrict && findings.length > 0) throw new PolicyError(findings);
  for (const finding of findings)
    logger.warn({ code: finding.code }, `The config, policy: ${renderFinding(finding)}`);
}
