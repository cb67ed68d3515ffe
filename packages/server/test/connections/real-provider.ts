import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

/** A real OAuth server on this machine, over real HTTP, whose person answers as a test says. */
export interface RealProvider {
  readonly issuer: string;
  /** Who is at the browser, and what they say to the next consents. */
  person: { account: string; allows: boolean; scopes?: string[] };
  /** Of new access tokens. */
  lifetimeSeconds: number;
  /** What it answered at its token endpoint: `granted`, or the error. */
  readonly tokenRequests: { answer: string; status: number }[];
  /** Answers 503 at the token endpoint, as long as it is set. */
  isDown: boolean;
  /** Every token that it gave: to look for them where they must not be. */
  readonly secrets: Set<string>;
  /** True while the access token is good there. */
  knows(accessToken: string): Promise<boolean>;
  /** Ends that access token alone: its refresh token is still good. */
  forget(accessToken: string): Promise<void>;
  /** As an administrator of the provider does it: all grants of an account end. */
  revokeAll(): Promise<void>;
  close(): Promise<void>;
}

export const CLIENT = { clientId: "holdpoint", clientSecret: "planted-client-secret-6f1d" };

export async function startRealProvider(redirectUris: readonly string[]): Promise<RealProvider> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const grants = new Set<string>();
  const control: RealProvider = {
    issuer,
    person: { account: "alice", allows: true },
    lifetimeSeconds: 3_600,
    tokenRequests: [],
    isDown: false,
    secrets: new Set(),
    async knows(accessToken) {
      return (await provider.AccessToken.find(accessToken)) !== undefined;
    },
    async forget(accessToken) {
      await (await provider.AccessToken.find(accessToken))?.destroy();
    },
    async revokeAll() {
      for (const grantId of grants) {
        await provider.AccessToken.revokeByGrantId(grantId);
        await provider.RefreshToken.revokeByGrantId(grantId);
      }
    },
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [...redirectUris],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
    ],
    scopes: ["openid", "offline_access", "email", "calendar:read", "calendar:write"],
    claims: { openid: ["sub"], email: ["email"] },
    features: {
      devInteractions: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ["a key of the tests"] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: () => control.lifetimeSeconds,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3_600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com` }),
    }),
  });

  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    const { account, allows, scopes } = control.person;
    if (!allows) {
      await provider.interactionFinished(request, response, { error: "access_denied" });
      return;
    }
    if (prompt.name === "login") {
      await provider.interactionFinished(request, response, { login: { accountId: account } });
      return;
    }
    const grant = new provider.Grant({ accountId: session?.accountId ?? account, clientId: CLIENT.clientId });
    const asked = String(params["scope"]).split(" ");
    grant.addOIDCScope(asked.filter((scope) => scopes === undefined || scopes.includes(scope)).join(" "));
    if (scopes !== undefined)
      grant.rejectOIDCScope(asked.filter((scope) => !scopes.includes(scope)).join(" "));
    const grantId = await grant.save();
    grants.add(grantId);
    await provider.interactionFinished(request, response, { consent: { grantId } });
  }

  const handle = provider.callback();
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? "";
    if (path.startsWith("/interaction/")) {
      interact(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
      return;
    }
    if (path === "/token") {
      if (control.isDown) {
        response.writeHead(503).end("down");
        return;
      }
      recordTokens(response, control);
    }
    void handle(request, response);
  });
  return control;
}

/** What leaves at the token endpoint. */
function recordTokens(response: ServerResponse, control: RealProvider): void {
  const end = response.end.bind(response);
  response.end = ((body?: unknown, ...rest: unknown[]) => {
    try {
      const answer = JSON.parse(String(body)) as Record<string, unknown>;
      for (const name of ["access_token", "refresh_token", "id_token"])
        if (typeof answer[name] === "string") control.secrets.add(answer[name]);
      control.tokenRequests.push({
        answer: typeof answer["error"] === "string" ? answer["error"] : "granted",
        status: response.statusCode,
      });
    } catch {
      // no JSON
    }
    return (end as (...all: unknown[]) => ServerResponse)(body, ...rest);
  }) as ServerResponse["end"];
}
