import * as oauth from "oauth4webapi";
import { isLoopbackName, type DefinedProvider } from "./provider.ts";
import { ProviderError, toProviderError } from "./provider-error.ts";

const ENDPOINTS = [
  "authorization_endpoint",
  "token_endpoint",
  "revocation_endpoint",
  "userinfo_endpoint",
] as const;

/** Where a provider's endpoints are: as the config says, or else as its issuer publishes it. Throws ProviderError. */
export async function readMetadata(
  { label, options }: DefinedProvider,
  requestOptions: oauth.DiscoveryRequestOptions,
  isLoopback: boolean,
): Promise<oauth.AuthorizationServer> {
  const own = {
    ...(options.revocationEndpoint !== undefined && { revocation_endpoint: options.revocationEndpoint }),
    ...(options.userinfoEndpoint !== undefined && { userinfo_endpoint: options.userinfoEndpoint }),
  };
  if (options.authorizationEndpoint !== undefined && options.tokenEndpoint !== undefined) {
    return {
      issuer: options.issuer ?? new URL(options.authorizationEndpoint).origin,
      authorization_endpoint: options.authorizationEndpoint,
      token_endpoint: options.tokenEndpoint,
      ...own,
    };
  }
  const issuer = new URL(options.issuer ?? "");
  try {
    // Some publish one, some the other.
    const openId = await oauth.discoveryRequest(issuer, { ...requestOptions, algorithm: "oidc" });
    const response =
      openId.status === 404
        ? await oauth.discoveryRequest(issuer, { ...requestOptions, algorithm: "oauth2" })
        : openId;
    const server = await oauth.processDiscoveryResponse(issuer, response);
    for (const name of ENDPOINTS) assertEndpoint(label, name, server[name], isLoopback);
    return { ...server, ...own };
  } catch (error) {
    throw toProviderError(label, error);
  }
}

/** What metadata name is not the config's word: https, or this machine where the config is on it already. */
function assertEndpoint(
  label: string,
  name: (typeof ENDPOINTS)[number],
  value: string | undefined,
  isLoopback: boolean,
): void {
  if (value === undefined && (name === "revocation_endpoint" || name === "userinfo_endpoint")) return;
  const url = value !== undefined && URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === "https:") return;
  if (url?.protocol === "http:" && isLoopback && isLoopbackName(url.hostname)) return;
  throw new ProviderError(
    "misconfigured",
    `${label}: its metadata have no usable ${name}: it must be https.`,
  );
}
