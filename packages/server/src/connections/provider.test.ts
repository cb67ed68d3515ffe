import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../agents/options.ts";
import { defineConfig } from "../agents/config.ts";
import { OAuthClient } from "./oauth-client.ts";
import { defineProvider, readCredentials, type ProviderOptions } from "./provider.ts";
import { github, google, microsoft, readGithubAnswer, readSlackAnswer, slack } from "./ready-providers.ts";
import { coversScopes, readScopes } from "./scopes.ts";

const good: ProviderOptions = {
  id: "calendar",
  label: "Calendar",
  issuer: "https://login.example.com",
  clientId: "client",
  clientSecret: "secret",
};

describe("a provider's mistakes are named", () => {
  test.each<[string, object, RegExp]>([
    ["an unknown option", { clientid: "x" }, /unknown option "clientid". Did you mean "clientId"\?/],
    ["no id", { id: undefined }, /option "id" is missing/],
    ["an id that no path can have", { id: "My Calendar" }, /lower-case letters, digits, - and _/],
    ["no label", { label: "" }, /"label" must be text/],
    ["no secret", { clientSecret: undefined }, /"clientSecret" is missing.*clientAuthentication: "none"/],
    ["a secret of none", { clientAuthentication: "none" }, /uses no clientSecret/],
    [
      "an unknown way",
      { clientAuthentication: "basics" },
      /must be one of basic, post, none.*did you mean "basic"/,
    ],
    ["plain http", { issuer: "http://login.example.com" }, /must be https \(http only on this machine\)/],
    [
      "a name that only looks like this machine",
      { issuer: "http://127.0.0.1.evil.example" },
      /must be https/,
    ],
    ["no URL", { issuer: "login.example.com" }, /must be a URL/],
    ["a password in it", { issuer: "https://u:p@login.example.com" }, /without user, password/],
    ["another scheme", { issuer: "file:///etc/passwd" }, /must be https/],
    [
      "one endpoint of two",
      { authorizationEndpoint: "https://a.example/a" },
      /has authorizationEndpoint and no tokenEndpoint/,
    ],
    [
      "the other of two",
      { tokenEndpoint: "https://a.example/t" },
      /has tokenEndpoint and no authorizationEndpoint/,
    ],
    ["neither", { issuer: undefined }, /give an issuer, or authorizationEndpoint and tokenEndpoint/],
    ["scopes as text", { scopes: "a b" }, /must be a list of scopes/],
    ["two scopes in one", { scopes: ["a b"] }, /\[0\] is not a scope/],
    [
      "a parameter of the flow's own",
      { parameters: { state: "x" } },
      /has "state", which the service sets by itself/,
    ],
    ["a parameter that is no text", { parameters: { prompt: true } }, /has "prompt", which must be text/],
    ["a variable without a name", { clientSecret: { env: "" } }, /\{env: "NAME_OF_A_VARIABLE"\}/],
    ["another callback", { callbackPath: "/callback" }, /must be one of \/v1\/oauth/],
  ])("%s", (_name, change, told) => {
    const options = Object.fromEntries(
      Object.entries({ ...good, ...change }).filter(([, value]) => value !== undefined),
    );
    expect(() => defineProvider(options as unknown as ProviderOptions)).toThrow(ConfigError);
    expect(() => defineProvider(options as unknown as ProviderOptions)).toThrow(told);
  });

  test("in the config: what is no provider, and one id twice", () => {
    expect(() => defineConfig({ agents: [], providers: [good] as never })).toThrow(
      /\[0\] is not made by defineProvider/,
    );
    const provider = defineProvider(good);
    expect(() => defineConfig({ agents: [], providers: [provider, provider] })).toThrow(
      /two providers have the id "calendar"/,
    );
  });

  test("a secret of the environment that is not set is named, and printing a config prints none", () => {
    const fromEnvironment = defineProvider({ ...good, clientSecret: { env: "CALENDAR_SECRET" } });
    expect(() => readCredentials(fromEnvironment, {})).toThrow(
      /environment variable CALENDAR_SECRET, which is not set/,
    );
    expect(readCredentials(fromEnvironment, { CALENDAR_SECRET: "x" })).toEqual({
      clientId: "client",
      clientSecret: "x",
    });
    const config = defineConfig({
      agents: [],
      providers: [defineProvider({ ...good, clientSecret: "planted-secret" })],
    });
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain("planted-secret");
  });
});

describe("ready entries", () => {
  const environment = Object.fromEntries(
    ["GOOGLE", "GITHUB", "SLACK", "MICROSOFT"].flatMap((name) => [
      [`${name}_CLIENT_ID`, `${name} id`],
      [`${name}_CLIENT_SECRET`, `${name} secret`],
    ]),
  );
  async function askedBy(provider: ReturnType<typeof google>, scopes: string[]) {
    const client = new OAuthClient(provider, environment, "https://app.example.com/");
    const url = new URL(
      await client.authorizationUrl({ state: "s", verifier: "v".repeat(43), nonce: "n", scopes }),
    );
    return { address: url.origin + url.pathname, ...Object.fromEntries(url.searchParams) };
  }

  test("each is asked with what it needs", async () => {
    expect(await askedBy(google(), ["https://www.googleapis.com/auth/calendar.readonly"])).toMatchObject({
      address: "https://accounts.google.com/o/oauth2/v2/auth",
      client_id: "GOOGLE id",
      redirect_uri: "https://app.example.com/v1/oauth/google/callback",
      scope: "openid email https://www.googleapis.com/auth/calendar.readonly",
      access_type: "offline",
      prompt: "consent",
      response_type: "code",
      nonce: "n",
      code_challenge_method: "S256",
    });
    expect(await askedBy(github(), ["repo", "read:org"])).toMatchObject({
      address: "https://github.com/login/oauth/authorize",
      scope: "repo read:org",
    });
    const asked = await askedBy(slack(), ["chat:write", "channels:read"]);
    expect(asked).toMatchObject({
      address: "https://slack.com/oauth/v2/authorize",
      user_scope: "chat:write,channels:read",
    });
    expect(asked).not.toHaveProperty("scope");
    expect(await askedBy(microsoft({ tenant: "contoso.example" }), ["Calendars.Read"])).toMatchObject({
      address: "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize",
      scope: "openid profile email offline_access Calendars.Read",
      prompt: "consent",
    });
    expect(
      await askedBy(google({ id: "gmail", callbackPath: "/api/v0/oauth/{provider}/" }), []),
    ).toMatchObject({
      redirect_uri: "https://app.example.com/api/v0/oauth/gmail/",
    });
  });

  test("Google, GitHub and Microsoft say scopes in their own way", () => {
    const covers = (provider: ReturnType<typeof google>, granted: string, wanted: string[]) =>
      coversScopes(provider.dialect.scopes ?? {}, readScopes(granted), wanted);
    expect(
      covers(google(), "openid https://www.googleapis.com/auth/userinfo.email", ["email", "openid"]),
    ).toBe(true);
    expect(covers(google(), "openid", ["email"])).toBe(false);
    expect(covers(github(), "repo,user", ["public_repo", "user:email"])).toBe(true);
    expect(covers(github(), "admin:org", ["read:org"])).toBe(true);
    expect(covers(github(), "public_repo", ["repo"])).toBe(false);
    expect(
      covers(microsoft(), "https://graph.microsoft.com/Calendars.Read openid", [
        "calendars.read",
        "offline_access",
      ]),
    ).toBe(true);
    expect(covers(microsoft(), "Calendars.Read", ["Calendars.ReadWrite"])).toBe(false);
  });

  test("answers that come with 200 and are none", () => {
    expect(readGithubAnswer({ error: "bad_refresh_token" })).toEqual({
      status: 400,
      body: { error: "invalid_grant" },
    });
    expect(readGithubAnswer({ error: "incorrect_client_credentials" })).toEqual({
      status: 400,
      body: { error: "invalid_client" },
    });
    expect(readSlackAnswer({ ok: false, error: "invalid_refresh_token" })).toEqual({
      status: 400,
      body: { error: "invalid_grant" },
    });
    expect(readSlackAnswer({ ok: false, error: "fatal_error" })).toMatchObject({ status: 503 });
    const user = {
      access_token: "xoxp",
      token_type: "user",
      scope: "a,b",
      refresh_token: "xoxe",
      expires_in: 43_200,
    };
    const standard = {
      access_token: "xoxp",
      token_type: "bearer",
      scope: "a b",
      refresh_token: "xoxe",
      expires_in: 43_200,
    };
    // After a code the person's token is nested, after a refresh it is at the top.
    expect(
      readSlackAnswer({
        ok: true,
        access_token: "xoxb",
        token_type: "bot",
        authed_user: { id: "U1", ...user },
      }),
    ).toEqual({ body: standard });
    expect(readSlackAnswer({ ok: true, ...user })).toEqual({ body: standard });
    expect(
      readSlackAnswer({ ok: true, access_token: "xoxb", token_type: "bot", authed_user: { id: "U1" } }),
    ).toMatchObject({ status: 400 });
  });
});
