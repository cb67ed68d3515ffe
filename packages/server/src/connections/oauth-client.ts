import * as oauth from "oauth4webapi";
import { createProviderFetch, type ProviderFetch } from "../outbound/provider-fetch.ts";
import { isLoopbackName, readCredentials, type ClientCredentials, type DefinedProvider } from "./provider.ts";
import { toProviderError } from "./provider-error.ts";
import { accountOf, bounded, readClaims } from "./account.ts";
import { readMetadata } from "./provider-metadata.ts";
import type { RevokedAtProvider } from "./connections.ts";
import { readScopes, unionOfScopes } from "./scopes.ts";
import type { SealedTokens } from "./vault.ts";

/** What the token endpoint gave. */
export interface Grant {
  accessToken: string;
  /** Null: none came. After a refresh that means that the old one goes on. */
  refreshToken: string | null;
  expiresInSeconds: number | null;
  /** Null: as asked for (RFC 6749 5.1). */
  scopes: string[] | null;
  account: string | null;
}

/** One way to the provider and back. */
export interface Passage {
  state: string;
  verifier: string;
  nonce: string;
  scopes: readonly string[];
}

const DEFAULT_PARAMETERS = { access_type: "offline", prompt: "consent" };
const METADATA_SECONDS = 3_600;

/**
 * Talks to one provider. Every error is a ProviderError, which has nothing of a token in it.
 */
export class OAuthClient {
  readonly id: string;
  readonly label: string;
  readonly redirectUri: string;
  readonly #provider: DefinedProvider;
  readonly #credentials: ClientCredentials;
  readonly #client: oauth.Client;
  readonly #fetch: ProviderFetch;
  readonly #isLoopback: boolean;
  readonly #ignoresIdToken: boolean;
  #metadata: { server: oauth.AuthorizationServer; readAt: number } | undefined;

  constructor(
    provider: DefinedProvider,
    environment: Readonly<Record<string, string | undefined>>,
    publicUrl: string,
  ) {
    const { options } = provider;
    this.#provider = provider;
    this.#credentials = readCredentials(provider, environment);
    this.#client = { client_id: this.#credentials.clientId };
    this.id = provider.id;
    this.label = provider.label;
    const path = (options.callbackPath ?? "/v1/oauth/{provider}/callback").replace("{provider}", provider.id);
    this.redirectUri = new URL(publicUrl).origin + path;
    // Without an issuer there is nothing to compare an ID token with.
    this.#ignoresIdToken = provider.dialect.ignoresIdToken === true || options.issuer === undefined;
    // Only what the config itself names is on this machine; metadata cannot lead there from elsewhere.
    this.#isLoopback = [options.issuer, options.authorizationEndpoint, options.tokenEndpoint].some(
      (url) => url !== undefined && isLoopbackName(new URL(url).hostname),
    );
    this.#fetch = createProviderFetch({
      isLoopbackAllowed: this.#isLoopback,
      isPrivateAllowed: options.isPrivateNetwork === true,
    });
  }

  /** Resolves when the provider's endpoints are known. */
  async prepare(): Promise<void> {
    await this.#server();
  }

  /** R21. */
  async authorizationUrl({ state, verifier, nonce, scopes }: Passage): Promise<string> {
    const { options, dialect } = this.#provider;
    const server = await this.#server();
    const url = new URL(server.authorization_endpoint ?? "");
    const asked = unionOfScopes(options.scopes ?? [], scopes);
    const parameters: Record<string, string> = {
      ...(options.parameters ?? DEFAULT_PARAMETERS),
      client_id: this.#credentials.clientId,
      redirect_uri: this.redirectUri,
      response_type: "code",
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...(this.#usesNonce(asked) && { nonce }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    if (asked.length > 0)
      url.searchParams.set(dialect.scopeParameter ?? "scope", asked.join(dialect.scopeSeparator ?? " "));
    return url.href;
  }

  /** What the browser brought back, exchanged. Checks `iss` (RFC 9207), state, nonce. */
  async exchange(answer: URLSearchParams, { state, verifier, nonce, scopes }: Passage): Promise<Grant> {
    const server = await this.#server();
    const asked = unionOfScopes(this.#provider.options.scopes ?? [], scopes);
    try {
      const parameters = oauth.validateAuthResponse(
        server,
        this.#client,
        this.#readableAnswer(answer),
        state,
      );
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        this.#client,
        this.#authentication(),
        parameters,
        this.redirectUri,
        verifier,
        this.#requestOptions(server.token_endpoint),
      );
      const read = await this.#readAnswer(response);
      const body = await oauth.processAuthorizationCodeResponse(server, this.#client, read, {
        ...(this.#usesNonce(asked) && { expectedNonce: nonce }),
      });
      return { ...grantOf(body), account: await this.#findAccount(server, body) };
    } catch (error) {
      throw toProviderError(this.label, error);
    }
  }

  async refresh(refreshToken: string): Promise<Grant> {
    const server = await this.#server();
    try {
      const response = await oauth.refreshTokenGrantRequest(
        server,
        this.#client,
        this.#authentication(),
        refreshToken,
        this.#requestOptions(server.token_endpoint),
      );
      return grantOf(
        await oauth.processRefreshTokenResponse(server, this.#client, await this.#readAnswer(response)),
      );
    } catch (error) {
      throw toProviderError(this.label, error);
    }
  }

  /** RFC 7009, the refresh token first: with it the grant ends. Never throws. */
  async revoke({ accessToken, refreshToken }: SealedTokens): Promise<RevokedAtProvider> {
    const { revoke } = this.#provider.dialect;
    try {
      if (revoke !== undefined)
        return (await revoke({ fetch: this.#fetch, accessToken, ...this.#credentials }))
          ? "revoked"
          : "failed";
      const server = await this.#server();
      if (server.revocation_endpoint === undefined) return "not_offered";
      for (const token of refreshToken === null ? [accessToken] : [refreshToken, accessToken]) {
        const options = this.#requestOptions(server.revocation_endpoint);
        const response = await oauth.revocationRequest(
          server,
          this.#client,
          this.#authentication(),
          token,
          options,
        );
        // With its refresh token many a provider forgets the access token, and then does not know it: that is fine.
        if (token === refreshToken || refreshToken === null) await oauth.processRevocationResponse(response);
      }
      return "revoked";
    } catch {
      return "failed";
    }
  }

  async #server(): Promise<oauth.AuthorizationServer> {
    const known = this.#metadata;
    if (known !== undefined && performance.now() - known.readAt < METADATA_SECONDS * 1_000)
      return known.server;
    const server = await readMetadata(
      this.#provider,
      this.#requestOptions(this.#provider.options.issuer),
      this.#isLoopback,
    );
    this.#metadata = { server, readAt: performance.now() };
    return server;
  }

  #authentication(): oauth.ClientAuth {
    const { clientSecret } = this.#credentials;
    const way = this.#provider.options.clientAuthentication ?? "basic";
    if (way === "none") return oauth.None();
    return way === "post" ? oauth.ClientSecretPost(clientSecret) : oauth.ClientSecretBasic(clientSecret);
  }

  #requestOptions(url: string | undefined) {
    const isPlain = this.#isLoopback && url?.startsWith("http:") === true;
    return {
      // The library's fetch has the shape of the platform's, and calls it with what ours takes.
      [oauth.customFetch]: this.#fetch as (
        url: string,
        options: oauth.CustomFetchOptions<string, unknown>,
      ) => Promise<Response>,
      // oxlint-disable-next-line typescript/no-deprecated -- meant to stand out; http is taken on this machine only
      ...(isPlain && { [oauth.allowInsecureRequests]: true }),
    };
  }

  #usesNonce(scopes: readonly string[]): boolean {
    return scopes.includes("openid") && !this.#ignoresIdToken;
  }

  /** Without a known issuer there is nothing that `iss` could be compared with; each provider has a callback of its own. */
  #readableAnswer(answer: URLSearchParams): URLSearchParams {
    if (this.#provider.options.issuer !== undefined) return answer;
    const readable = new URLSearchParams(answer);
    readable.delete("iss");
    return readable;
  }

  async #readAnswer(response: Response): Promise<Response> {
    const { readAnswer } = this.#provider.dialect;
    if ((readAnswer === undefined && !this.#ignoresIdToken) || response.status !== 200) return response;
    const body = (await response.json()) as Record<string, unknown>;
    const read = readAnswer?.(body) ?? { body };
    const { id_token: idToken, ...rest } = read.body;
    return Response.json(this.#ignoresIdToken ? { ...rest, [UNCHECKED]: idToken } : read.body, {
      status: read.status ?? 200,
    });
  }

  /** For people to see; that it is not known stops nothing. */
  async #findAccount(
    server: oauth.AuthorizationServer,
    body: oauth.TokenEndpointResponse,
  ): Promise<string | null> {
    try {
      const { findAccount } = this.#provider.dialect;
      if (findAccount !== undefined)
        return bounded(await findAccount({ fetch: this.#fetch, accessToken: body.access_token }));
      const claims = oauth.getValidatedIdTokenClaims(body) ?? readClaims(body[UNCHECKED]);
      const named = accountOf(claims);
      if (named !== null || server.userinfo_endpoint === undefined || claims === undefined)
        return named ?? bounded(claims?.sub);
      const response = await oauth.userInfoRequest(
        server,
        this.#client,
        body.access_token,
        this.#requestOptions(server.userinfo_endpoint),
      );
      const info = await oauth.processUserInfoResponse(server, this.#client, String(claims.sub), response);
      return accountOf(info) ?? bounded(claims.sub);
    } catch {
      return null;
    }
  }
}

/** Where an ID token lies that is not compared with an issuer: it came from the token endpoint itself (OIDC Core 3.1.3.7). */
const UNCHECKED = "holdpoint_unchecked_id_token";

function grantOf(body: oauth.TokenEndpointResponse): Grant {
  return {
    accessToken: body.access_token,
    refreshToken: body.refresh_token ?? null,
    expiresInSeconds:
      body.expires_in === undefined ? null : Math.min(Math.floor(body.expires_in), 315_360_000),
    scopes: body.scope === undefined ? null : readScopes(body.scope),
    account: null,
  };
}
