import { expect, test } from "vitest";
import { HostCheck } from "../../src/identity/host-check.ts";

const local = new HostCheck({ publicUrl: "http://localhost:7777", port: 7777 });
const deployed = new HostCheck({
  publicUrl: "https://holdpoint.example.com",
  port: 8080,
  allowedHosts: ["internal.example", "other.example:9000"],
});

function request(
  method: string,
  headers: Record<string, string>,
): { method: string; headers: Headers; url: string } {
  return {
    method,
    headers: new Headers(headers),
    url: `http://${headers["host"] ?? "localhost:7777"}/v1/holds`,
  };
}

test.for([
  [local, "localhost:7777", true],
  [local, "LOCALHOST:7777", true],
  [local, "127.0.0.1:7777", true],
  [local, "[::1]:7777", true],
  [local, "localhost:7778", false],
  [local, "localhost", false],
  [local, "evil.example", false],
  [local, "evil.example:7777", false],
  [local, "localhost.evil.example:7777", false],
  [local, "user@localhost:7777", false],
  [local, "localhost:7777/path", false],
  [local, "localhost:7777:7777", false],
  [local, "127.0.0.2:7777", false],
  [local, "0.0.0.0:7777", false],
  [local, "", false],
  [deployed, "holdpoint.example.com", true],
  [deployed, "holdpoint.example.com:443", true],
  [deployed, "holdpoint.example.com:444", false],
  [deployed, "localhost:8080", true],
  [deployed, "internal.example", true],
  [deployed, "internal.example:80", true],
  [deployed, "internal.example:81", false],
  [deployed, "other.example:9000", true],
  [deployed, "other.example", false],
] as const)("host %#: %s is taken: %s", ([check, host, isTaken]) => {
  const ask = (): void => check.assertOwnHost(request("GET", { host }));
  if (isTaken) expect(ask).not.toThrow();
  else expect(ask).toThrow(expect.objectContaining({ code: "wrong_host", status: 421 }));
});

test("without a port of its own a loopback name is taken with any", () => {
  const check = new HostCheck({ publicUrl: "http://localhost:7777" });
  expect(() => check.assertOwnHost(request("GET", { host: "127.0.0.1:40123" }))).not.toThrow();
  expect(() => check.assertOwnHost(request("GET", { host: "evil.example:40123" }))).toThrow(
    "does not answer",
  );
});

const here = "http://localhost:7777";
test.for([
  // method, headers, allowed
  ["GET", {}, true],
  ["GET", { "sec-fetch-site": "cross-site" }, true], // a link from a mail: nothing is read by the other site
  ["GET", { origin: here }, true],
  ["GET", { origin: "http://localhost:3000" }, false],
  ["GET", { origin: "https://evil.example" }, false],
  ["GET", { origin: "null" }, false],
  ["HEAD", { origin: "https://evil.example" }, false],
  ["POST", {}, false],
  ["POST", { origin: here }, true],
  ["POST", { origin: here, "sec-fetch-site": "same-origin" }, true],
  ["POST", { "sec-fetch-site": "same-origin" }, true],
  ["POST", { origin: "null", "sec-fetch-site": "same-origin" }, true],
  ["POST", { origin: "null" }, false],
  ["POST", { origin: here, "sec-fetch-site": "cross-site" }, false],
  ["POST", { "sec-fetch-site": "none" }, false],
  ["POST", { "sec-fetch-site": "same-site" }, false],
  ["POST", { origin: "http://localhost:3000", "sec-fetch-site": "same-site" }, false],
  ["POST", { origin: "http://127.0.0.1:7777" }, false],
  ["POST", { origin: "http://127.0.0.1:7777", host: "127.0.0.1:7777" }, true],
  ["POST", { origin: "http://evil.example", host: "evil.example" }, false],
  ["POST", { origin: here, host: "127.0.0.1:7777" }, true], // a proxy that writes its own Host
  ["DELETE", {}, false],
  ["PUT", { origin: "https://evil.example" }, false],
  ["post", { origin: "https://evil.example" }, false],
] as const)("cookie %#: %s %o is taken: %s", ([method, headers, isTaken]) => {
  const ask = (): void => local.assertOwnPage(request(method, { host: "localhost:7777", ...headers }));
  if (isTaken) expect(ask).not.toThrow();
  else expect(ask).toThrow(expect.objectContaining({ code: "not_allowed", status: 403 }));
});

test("where the public address is https, a page over http is another site's", () => {
  const ask = (origin: string): void =>
    deployed.assertOwnPage(request("POST", { host: "holdpoint.example.com", origin }));
  expect(() => ask("https://holdpoint.example.com")).not.toThrow();
  expect(() => ask("http://holdpoint.example.com")).toThrow("another site");
});
