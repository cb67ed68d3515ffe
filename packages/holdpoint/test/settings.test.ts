import { describe, expect, test } from "vitest";
import { HOLDPOINT_VARIABLES, readSettings, SettingsError } from "../src/settings.ts";

function problemsOf(env: Record<string, string>): string {
  try {
    readSettings(env, "/app");
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error("The settings were taken.");
}

describe("settings", () => {
  test("have a default each", () => {
    expect(readSettings({}, "/app")).toEqual({
      port: 7777,
      host: "127.0.0.1",
      databaseUrl: undefined,
      databasePool: 10,
      dataDir: "/app/.holdpoint",
      apiKey: undefined,
      publicUrl: undefined,
      secret: undefined,
      configPath: "/app/holdpoint.config.ts",
      isConfigNamed: false,
      modelUrl: undefined,
      model: undefined,
      trustedProxies: [],
      streams: 20_000,
      streamsPerCredential: 1_000,
      isStrict: false,
      checkpointFile: "/app/.holdpoint/checkpoints.jsonl",
      checkpointWebhook: undefined,
      isPrivateWebhookAllowed: false,
      logLevel: undefined,
      isProduction: false,
    });
  });

  test("an empty one counts as absent", () => {
    expect(readSettings({ PORT: "", HOST: " ", DATABASE_URL: "", LOG_LEVEL: "" }, "/app")).toEqual(
      readSettings({}, "/app"),
    );
  });

  test.each([
    ["HOLDPOINT_DATADIR", "HOLDPOINT_DATA_DIR"],
    ["HOLDPOINT_APIKEY", "HOLDPOINT_API_KEY"],
    ["HOLDPOINT_SECERT", "HOLDPOINT_SECRET"],
    ["HOLDPOINT_CONFG", "HOLDPOINT_CONFIG"],
    ["HOLDPOINT_PUBILC_URL", "HOLDPOINT_PUBLIC_URL"],
  ])("an unknown name is an error with a suggestion: %s", (name, meant) => {
    expect(problemsOf({ [name]: "x" })).toBe(`There is no setting ${name}. Did you mean ${meant}?`);
  });

  test("a name like none of ours is an error with the whole list", () => {
    expect(problemsOf({ HOLDPOINT_FROBNICATION_LEVEL: "9" })).toContain(
      Object.keys(HOLDPOINT_VARIABLES).join(", "),
    );
  });

  test("names that orchestrators inject are ignored", () => {
    const injected = {
      HOLDPOINT_SERVICE_HOST: "10.0.0.1",
      HOLDPOINT_SERVICE_PORT_HTTP: "7777",
      HOLDPOINT_PORT: "tcp://10.0.0.1:7777",
      HOLDPOINT_PORT_7777_TCP_ADDR: "10.0.0.1",
    };
    expect(() => readSettings(injected, "/app")).not.toThrow();
  });

  test.each([
    [{ PORT: "65536" }, "PORT must be a whole number from 0 to 65535"],
    [{ PORT: "-1" }, "PORT"],
    [{ PORT: "80a" }, "PORT"],
    [{ PORT: "1e3" }, "PORT"],
    [{ HOLDPOINT_DATABASE_POOL: "0" }, "from 1 to 1000"],
    [{ HOLDPOINT_STRICT: "maybe" }, "true or false"],
    [{ LOG_LEVEL: "loud" }, "trace, debug"],
    [{ DATABASE_URL: "mysql://x" }, "postgres://"],
    [{ HOLDPOINT_PUBLIC_URL: "example.com" }, "http://"],
    [{ HOLDPOINT_PUBLIC_URL: "https://example.com/approvals" }, "without a path"],
    [{ HOLDPOINT_MODEL_URL: "localhost:11434" }, "http://"],
    [{ NODE_ENV: "production" }, "HOLDPOINT_SECRET"],
  ])("%j is refused", (env, text) => {
    expect(problemsOf(env)).toContain(text);
  });

  test("an address with a password is not repeated", () => {
    expect(problemsOf({ DATABASE_URL: "postgress://me:hunter2@db/x" })).not.toContain("hunter2");
  });

  test("everything that is wrong is told at once", () => {
    const problems = problemsOf({ PORT: "x", HOLDPOINT_DATADIR: "y", LOG_LEVEL: "z" });
    expect(problems.split("\n- ")).toHaveLength(4);
  });
});
