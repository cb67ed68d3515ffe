import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { OAuthClient } from "../../src/connections/oauth-client.ts";
import { defineProvider, type ProviderOptions } from "../../src/connections/provider.ts";
import { createProviderFetch } from "../../src/outbound/provider-fetch.ts";

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await new Promise((resolve) => {
    server.once("listening", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const NONE = { isLoopbackAllowed: false, isPrivateAllowed: false };
const client = (options: Partial<ProviderOptions>) =>
  new OAuthClient(
    defineProvider({ id: "p", label: "P", clientId: "c", clientSecret: "s", ...options }),
    {},
    "http://localhost:7777",
  );

test.each([
  "http://127.0.0.1:1/",
  "http://localhost:1/",
  "http://[::1]:1/",
  "http://10.0.0.1/",
  "http://192.168.1.1/",
  "http://169.254.169.254/latest/meta-data",
  "http://[fd00:ec2::254]/",
  "http://[::ffff:169.254.169.254]/",
  "file:///etc/passwd",
])("%s is not reached", async (url) => {
  await expect(createProviderFetch(NONE)(url, {})).rejects.toMatchObject({ code: "address_refused" });
});

test.each(["http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://[fe80::1]/", "http://0.0.0.0/"])(
  "%s not even by a provider of the own network",
  async (url) => {
    const fetch = createProviderFetch({ isLoopbackAllowed: true, isPrivateAllowed: true });
    await expect(fetch(url, {})).rejects.toMatchObject({ code: "address_refused" });
  },
);

test("this machine is reached when the config names it; a redirect is not followed", async () => {
  let reached = 0;
  const inner = await serve((_request, response) => {
    reached++;
    response.end("inner");
  });
  const outer = await serve((_request, response) => response.writeHead(302, { location: inner }).end());
  const answer = await createProviderFetch({ ...NONE, isLoopbackAllowed: true })(outer, {});
  expect([answer.status, reached]).toEqual([302, 0]);
});

test("an answer without end, and one that does not come, are given up", async () => {
  const endless = await serve((_request, response) => {
    response.writeHead(200);
    const write = (): boolean => response.destroyed || (response.write("x".repeat(65_536)) && write());
    response.on("drain", write);
    write();
  });
  const fetch = createProviderFetch({ ...NONE, isLoopbackAllowed: true });
  await expect(fetch(endless, {})).rejects.toMatchObject({ code: "outbound_failed" });
  const silent = await serve(() => undefined);
  await expect(fetch(silent, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
    code: "outbound_failed",
  });
});

test("metadata lead nowhere that they should not, and belong to their issuer", async () => {
  const publish = (metadata: (issuer: string) => object) => {
    let issuer = "";
    return serve((_request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(metadata(issuer)));
    }).then((origin) => (issuer = origin));
  };
  const endpoints = (issuer: string) => ({
    issuer,
    authorization_endpoint: `${issuer}/a`,
    token_endpoint: `${issuer}/t`,
  });
  await expect(client({ issuer: await publish(endpoints) }).prepare()).resolves.toBeUndefined();
  for (const wrong of [
    "http://10.0.0.1/t",
    "http://169.254.169.254/t",
    "file:///t",
    "javascript:alert(1)",
    undefined,
  ]) {
    const issuer = await publish((own) => ({ ...endpoints(own), token_endpoint: wrong }));
    await expect(client({ issuer }).prepare()).rejects.toMatchObject({ code: "provider_misconfigured" });
  }
  const other = await publish(() => endpoints("https://accounts.example.com"));
  await expect(client({ issuer: other }).prepare()).rejects.toMatchObject({ code: "provider_refused" });
});

test("a provider with a private address is asked only where the config says so", async () => {
  const options = { authorizationEndpoint: "https://10.0.0.1/a", tokenEndpoint: "https://10.0.0.1/t" };
  await expect(client(options).refresh("planted-refresh")).rejects.toMatchObject({
    code: "provider_misconfigured",
    message: expect.not.stringContaining("planted-refresh"),
  });
});
