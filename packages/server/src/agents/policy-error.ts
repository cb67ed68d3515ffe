import type { PolicyFinding } from "@holdpoint/protocol";
import { renderFinding } from "../policies/check-document.ts";
import { ConfigError } from "./options.ts";

/** The config file's policy has mistakes: the message has a line for each, with its place and what to do. */
export class PolicyError extends ConfigError {
  override name = "PolicyError";
  readonly findings: readonly PolicyFinding[];

  constructor(findings: readonly PolicyFinding[]) {
    const lines = findings.map(
      (finding) => `\n  policy${finding.path === "" ? "" : "."}${renderFinding(finding)}`,
    );
    super(
      `The config, policy: ${findings.length === 1 ? "there is a mistake" : `there are ${findings.length} mistakes`}.${lines.join("")}`,
    );
    this.findings = findings;
  }
}
