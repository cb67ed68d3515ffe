import { makeProvider, type Configured, type DefinedProvider, type ProviderOptions } from "./provider.ts";

/** What the ready entries take: all else they know. */
export interface ReadyProviderOptions extends Partial<
  Pick<ProviderOptions, "id" | "label" | "scopes" | "parameters" | "callbackPath">
> {
  /** Default: the environment variable `<NAME>_CLIENT_ID`, such as `GOOGLE_CLIENT_ID`. */
  clientId?: Configured;
  /** Default: `<NAME>_CLIENT_SECRET`. */
  clientSecret?: Configured;
}

function clientOf(name: string, { clientId, clientSecret }: ReadyProviderOptions) {
  return {
    clientId: clientId ?? { env: `${name}_CLIENT_ID` },
    clientSecret: clientSecret ?? { env: `${name}_CLIENT_SECRET` },
  };
}

const GOOGLE_NAMES: Readonly<Record<string, string>> = {
  email: "https://www.googleapis.com/auth/userinfo.email",
  profile: "https://www.googleapis.com/auth/userinfo.profile",
};

/** Google. A refresh token comes only with `access_type=offline`, and again only with `prompt=consent`. */
export function google(options: ReadyProviderOptions = {}): DefinedProvider {
  return makeProvider(
    {
      id: "google",
      label: "Google",
      issuer: "https://accounts.google.com",
      authorizationEndpoint: "https://accounts.google.com/o/oauth2/v2/auth",
      tokenEndpoint: "https://oauth2.googleapis.com/token",
      revocationEndpoint: "https://oauth2.googleapis.com/revoke",
      userinfoEndpoint: "https://openidconnect.googleapis.com/v1/userinfo",
      scopes: ["openid", "email"],
      parameters: { access_type: "offline", prompt: "consent", include_granted_scopes: "true" },
      clientAuthentication: "post",
      ...options,
      ...clientOf("GOOGLE", options),
    },
    // It tells scopes back by their long names.
    { scopes: { canonical: (scope) => GOOGLE_NAMES[scope] ?? scope } },
  );
}

/** Of docs.github.com "Scopes for OAuth apps": what a wider scope has in it. */
const GITHUB_IMPLIED = {
  repo: ["repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events"],
  "admin:repo_hook": ["write:repo_hook"],
  "write:repo_hook": ["read:repo_hook"],
  "admin:org": ["write:org"],
  "write:org": ["read:org"],
  "admin:public_key": ["write:public_key"],
  "write:public_key": ["read:public_key"],
  user: ["read:user", "user:email", "user:follow"],
  "write:discussion": ["read:discussion"],
  "write:packages": ["read:packages"],
  "admin:gpg_key": ["write:gpg_key"],
  "write:gpg_key": ["read:gpg_key"],
  project: ["read:project"],
};

/**
 * GitHub. OAuth apps have tokens that do not expire and no refresh tokens; GitHub Apps with expiring user tokens have them
 * (and permissions in place of scopes).
 */
export function github(options: ReadyProviderOptions = {}): DefinedProvider {
  return makeProvider(
    {
      id: "github",
      label: "GitHub",
      authorizationEndpoint: "https://github.com/login/oauth/authorize",
      tokenEndpoint: "https://github.com/login/oauth/access_token",
      parameters: {},
      clientAuthentication: "post",
      ...options,
      ...clientOf("GITHUB", options),
    },
    {
      scopes: { implied: GITHUB_IMPLIED },
      readAnswer: readGithubAnswer,
      async revoke({ fetch, accessToken, clientId, clientSecret }) {
        const answer = await fetch(
          `https://api.github.com/applications/${encodeURIComponent(clientId)}/grant`,
          {
            method: "DELETE",
            headers: {
              accept: "application/vnd.github+json",
              "content-type": "application/json",
              authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
            },
            body: JSON.stringify({ access_token: accessToken }),
          },
        );
        // 404, 422: it knows no such grant any more.
        return [204, 404, 422].includes(answer.status);
      },
      async findAccount({ fetch, accessToken }) {
        const headers = { accept: "application/vnd.github+json", authorization: `Bearer ${accessToken}` };
        const { login } = (await (await fetch("https://api.github.com/user", { headers })).json()) as {
          login?: unknown;
        };
        return typeof login === "string" ? login : null;
      },
    },
  );
}

/** GitHub says its errors with 200, some by words of its own. */
export function readGithubAnswer(body: Record<string, unknown>) {
  if (body["error"] === undefined) return { body };
  const known: Record<string, string> = {
    bad_verification_code: "invalid_grant",
    bad_refresh_token: "invalid_grant",
    incorrect_client_credentials: "invalid_client",
  };
  const error = wordOf(body["error"]);
  return { status: 400, body: { error: known[error] ?? error } };
}

/** Slack, as the person themselves (user tokens). With token rotation on, tokens last 12 hours and are renewed. */
export function slack(options: ReadyProviderOptions = {}): DefinedProvider {
  return makeProvider(
    {
      id: "slack",
      label: "Slack",
      authorizationEndpoint: "https://slack.com/oauth/v2/authorize",
      tokenEndpoint: "https://slack.com/api/oauth.v2.access",
      parameters: {},
      clientAuthentication: "basic",
      ...options,
      ...clientOf("SLACK", options),
    },
    {
      scopeParameter: "user_scope",
      scopeSeparator: ",",
      readAnswer: readSlackAnswer,
      async revoke({ fetch, accessToken }) {
        const answer = await callSlack(fetch, "auth.revoke", accessToken);
        return (
          answer["ok"] === true ||
          ["token_revoked", "invalid_auth", "token_expired"].includes(wordOf(answer["error"]))
        );
      },
      async findAccount({ fetch, accessToken }) {
        const { user, team } = await callSlack(fetch, "auth.test", accessToken);
        return typeof user === "string" ? (typeof team === "string" ? `${user} (${team})` : user) : null;
      },
    },
  );
}

async function callSlack(
  fetch: (url: string, init: { method: string; headers: Record<string, string> }) => Promise<Response>,
  method: string,
  accessToken: string,
): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${accessToken}` };
  return (await (
    await fetch(`https://slack.com/api/${method}`, { method: "POST", headers })
  ).json()) as Record<string, unknown>;
}

/** The user's token lies in `authed_user` after a code, and at the top after a refresh; errors come with 200. */
export function readSlackAnswer(body: Record<string, unknown>) {
  if (body["ok"] === false) {
    const error = wordOf(body["error"]);
    const gone = [
      "invalid_refresh_token",
      "invalid_code",
      "code_already_used",
      "token_revoked",
      "token_expired",
      "account_inactive",
    ];
    const client = ["invalid_client_id", "bad_client_secret", "invalid_client"];
    const temporary = [
      "internal_error",
      "fatal_error",
      "service_unavailable",
      "ratelimited",
      "request_timeout",
    ];
    if (gone.includes(error)) return { status: 400, body: { error: "invalid_grant" } };
    if (client.includes(error)) return { status: 400, body: { error: "invalid_client" } };
    return temporary.includes(error) ? { status: 503, body: {} } : { status: 400, body: { error } };
  }
  const nested = body["authed_user"] as Record<string, unknown> | undefined;
  const user = typeof nested?.["access_token"] === "string" ? nested : body;
  // A bot's token is not the person's.
  if (user["token_type"] !== "user") return { status: 400, body: { error: "no_user_token" } };
  const { access_token, refresh_token, expires_in, scope } = user;
  return {
    body: {
      access_token,
      token_type: "bearer",
      ...(refresh_token !== undefined && { refresh_token }),
      ...(expires_in !== undefined && { expires_in }),
      ...(typeof scope === "string" && { scope: scope.replaceAll(",", " ") }),
    },
  };
}

/** Options of `microsoft`. */
export interface MicrosoftOptions extends ReadyProviderOptions {
  /** A tenant's id or domain, or `common`, `organizations`, `consumers`. Default `common`. */
  tenant?: string;
}

const GRAPH = "https://graph.microsoft.com/";

/** Microsoft (Entra ID and personal accounts). A refresh token comes with the scope `offline_access`. */
export function microsoft({ tenant = "common", ...options }: MicrosoftOptions = {}): DefinedProvider {
  const base = `https://login.microsoftonline.com/${encodeURIComponent(tenant)}/oauth2/v2.0`;
  return makeProvider(
    {
      id: "microsoft",
      label: "Microsoft",
      authorizationEndpoint: `${base}/authorize`,
      tokenEndpoint: `${base}/token`,
      userinfoEndpoint: "https://graph.microsoft.com/oidc/userinfo",
      scopes: ["openid", "profile", "email", "offline_access"],
      parameters: { prompt: "consent" },
      clientAuthentication: "post",
      ...options,
      ...clientOf("MICROSOFT", options),
    },
    {
      ignoresIdToken: true,
      scopes: {
        // Told back by short or long name, in any case; offline_access never.
        canonical: (scope) => (scope.startsWith(GRAPH) ? scope.slice(GRAPH.length) : scope).toLowerCase(),
        silent: ["offline_access"],
      },
    },
  );
}

function wordOf(error: unknown): string {
  return typeof error === "string" ? error : "unknown";
}
