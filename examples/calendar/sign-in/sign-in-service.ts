import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import OidcProvider, { errors, type Configuration } from "oidc-provider";
import { findPerson } from "../people.ts";
import { HttpServer } from "../service/http-server.ts";
import { answerInteraction } from "./interactions.ts";
import { MemoryAdapter, type Memory } from "./memory-adapter.ts";
import { html, sendPage } from "./page.ts";

/** A program that the sign-in service knows. */
export interface KnownClient {
  clientId: string;
  clientSecret: string;
}

export interface SignInServiceOptions {
  /** 0: any free port. */
  port: number;
  /** The app that asks people for their calendars, and where they return to. */
  app: KnownClient & { redirectUris: readonly string[] };
  /** The calendar, which asks whether a token is good. */
  calendar: KnownClient;
  /** How long an access token is good. Default 300. */
  accessTokenSeconds?: number;
}

/** A running OAuth 2.1 and OpenID Connect server. */
export interface SignInService {
  readonly issuer: string;
  /** Takes back what a person has allowed: its tokens, refresh tokens included, are worth nothing afterwards. */
  revoke(personId: string): Promise<void>;
  /** How often it was asked for tokens, by grant type. */
  readonly tokenRequests: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

const DAY_SECONDS = 86_400;

/** Starts the sign-in service of the demo calendar on loopback. Everything it knows is in memory. */
export async function startSignInService(options: SignInServiceOptions): Promise<SignInService> {
  const server = await HttpServer.listen(options.port);
  const issuer = server.url;
  const memory: Memory = new Map();
  const tokenRequests = new Map<string, number>();
  const provider = new OidcProvider(issuer, configure(options, memory));
  provider.on("grant.success", ({ oidc }) => {
    const type = String(oidc.params?.["grant_type"]);
    tokenRequests.set(type, (tokenRequests.get(type) ?? 0) + 1);
  });
  const standard = provider.callback();
  server.answer((request, response) => {
    const path = request.url ?? "/";
    if (path.startsWith("/interaction/")) return interaction(provider, request, response);
    return standard(request, response);
  });
  return {
    issuer,
    tokenRequests,
    revoke: (personId) => revoke(provider, memory, personId),
    close: () => server.close(),
  };
}

async function interaction(
  provider: OidcProvider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await answerInteraction(provider, request, response);
  } catch (error) {
    if (!(error instanceof errors.SessionNotFound)) throw error;
    sendPage(response, {
      status: 400,
      title: "This page is out of date",
      body: html`<p>Go back to where you came from and begin again.</p>`,
    });
  }
}

function configure(options: SignInServiceOptions, memory: Memory): Configuration {
  const { app, calendar } = options;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    adapter: (model: string) => new MemoryAdapter(memory, model),
    clients: [
      {
        client_id: app.clientId,
        client_secret: app.clientSecret,
        redirect_uris: [...app.redirectUris],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
      {
        client_id: calendar.clientId,
        client_secret: calendar.clientSecret,
        redirect_uris: [],
        grant_types: [],
        response_types: [],
      },
    ],
    scopes: ["openid", "email", "offline_access", "calendar.read", "calendar.write"],
    claims: { openid: ["sub"], email: ["email", "name"] },
    // The account's name goes into the id token too, so that one answer says whose calendar it is.
    conformIdTokenClaims: false,
    findAccount(_ctx, sub) {
      const person = findPerson(sub);
      if (person === undefined) return undefined;
      return {
        accountId: person.id,
        claims: () => ({ sub: person.id, name: person.name, email: person.email }),
      };
    },
    features: {
      devInteractions: { enabled: false },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client) => client.clientId === calendar.clientId,
      },
      revocation: {
        enabled: true,
        allowedPolicy(_ctx, client, token) {
          if (token.clientId === client.clientId) return true;
          throw new errors.InvalidRequest("That is another client's token.");
        },
      },
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    rotateRefreshToken: true, // a refresh token that comes back used ends the whole grant
    ttl: {
      AccessToken: options.accessTokenSeconds ?? 300,
      AuthorizationCode: 60,
      Grant: 30 * DAY_SECONDS,
      IdToken: 3_600,
      Interaction: 3_600,
      RefreshToken: 30 * DAY_SECONDS,
      Session: DAY_SECONDS,
    },
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig" }] },
    renderError(ctx, out) {
      sendPage(ctx.res, {
        status: ctx.status,
        title: "That did not work",
        body: html`<p>${out.error_description ?? out.error}</p>`,
      });
      ctx.respond = false;
    },
  };
}

async function revoke(provider: OidcProvider, memory: Memory, personId: string): Promise<void> {
  const grants = Array.from(memory.values())
    .filter(({ payload }) => payload.kind === "Grant" && payload.accountId === personId)
    .flatMap(({ payload }) => payload.jti ?? []);
  for (const id of grants) {
    for (const model of [provider.AccessToken, provider.RefreshToken, provider.AuthorizationCode]) {
      await model.revokeByGrantId(id);
    }
    await (await provider.Grant.find(id))?.destroy();
  }
}
