import { HoldpointError } from "@holdpoint/protocol";
import * as oauth from "oauth4webapi";
import { OutboundError } from "../outbound/outbound-error.ts";

/**
 * `unreachable`: the network, or the provider's own trouble; the same request may do later. `invalid_grant`: it takes the code
 * or the refresh token no more. `denied`: its person said no. `misconfigured`: it does not take this client. `refused`: anything
 * else that a repetition does not mend.
 */
export type ProviderTrouble = "unreachable" | "invalid_grant" | "denied" | "misconfigured" | "refused";

/**
 * What a provider answered, or did not. Made without a cause: those of the OAuth library hold whole answers, tokens included,
 * and what is logged has none.
 */
export class ProviderError extends HoldpointError {
  override name = "ProviderError";
  readonly trouble: ProviderTrouble;

  constructor(trouble: ProviderTrouble, message: string) {
    super(message, { code: `provider_${trouble}`, status: 503, retryable: trouble === "unreachable" });
    this.trouble = trouble;
  }
}

const TEMPORARY = ["temporarily_unavailable", "server_error", "slow_down"];
const CLIENT = ["invalid_client", "unauthorized_client"];

/** Any error of a conversation with a provider, as one that may be told and logged. */
export function toProviderError(label: string, error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  if (error instanceof OutboundError)
    return new ProviderError(
      error.code === "address_refused" ? "misconfigured" : "unreachable",
      `${label}: ${error.message}`,
    );
  if (error instanceof oauth.AuthorizationResponseError) {
    const code = codeOf(error.error);
    return code === "access_denied"
      ? new ProviderError("denied", `${label}: the person refused (access_denied).`)
      : new ProviderError("refused", `${label} sent the browser back with the error ${code}.`);
  }
  if (error instanceof oauth.ResponseBodyError) {
    const code = codeOf(error.error);
    if (error.status >= 500 || error.status === 429 || TEMPORARY.includes(code))
      return new ProviderError("unreachable", `${label} is in trouble (${error.status} ${code}).`);
    if (code === "invalid_grant")
      return new ProviderError("invalid_grant", `${label} takes this grant no more (invalid_grant).`);
    if (CLIENT.includes(code))
      return new ProviderError(
        "misconfigured",
        `${label} does not take this client (${code}): check its clientId, clientSecret and clientAuthentication in the config.`,
      );
    return new ProviderError("refused", `${label} refused with the error ${code}.`);
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError)
    return new ProviderError(
      "misconfigured",
      `${label} does not take this client (${error.status}): check its clientId, clientSecret and clientAuthentication in the config.`,
    );
  if (error instanceof oauth.OperationProcessingError) {
    const status = statusOf(error.cause);
    if (status >= 500 || status === 429)
      return new ProviderError("unreachable", `${label} is in trouble (${status}).`);
    return new ProviderError("refused", `${label} answered what no such provider may: ${error.message}.`);
  }
  return new ProviderError(
    "refused",
    `${label}: ${error instanceof Error ? error.name : "an error"} while its answer was read.`,
  );
}

/** A provider's own word, bounded to what the standards allow for one. */
function codeOf(word: unknown): string {
  return typeof word === "string" && /^[\w.-]{1,60}$/.test(word) ? word : "without a readable code";
}

/** Not by `instanceof`: beside a server of Hono's there is more than one Response. */
function statusOf(cause: unknown): number {
  const isAnswer = typeof cause === "object" && cause !== null && "status" in cause && "headers" in cause;
  return isAnswer && typeof cause.status === "number" ? cause.status : 200;
}
