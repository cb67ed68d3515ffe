import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postJson } from "../../src/outbound/post-json.ts";
import { isPublicAddress } from "../../src/outbound/public-address.ts";

const V4_REFUSED = [
  "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.1.2.3",
  "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
  "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1",
  "239.255.255.250", "240.0.0.1", "255.255.255.255",
]; // oxfmt-ignore
const V4_PUBLIC = [
  "1.1.1.1",
  "8.8.8.8",
  "93.184.216.34",
  "100.63.255.255",
  "100.128.0.1",
  "172.15.0.1",
  "172.32.0.1",
  "192.167.1.1",
  "198.17.0.1",
  "223.255.255.255",
];
const V6_REFUSED = [
  "::",
  "::1",
  "fe80::1",
  "fec0::1",
  "fc00::1",
  "fd00:ec2::254",
  "ff02::1",
  "2001:db8::1",
  "2001::1",
  "2002:7f00:1::",
  "64:ff9b::a00:1",
  "100::1",
  "3fff::1",
  "4000::1",
];
const V6_PUBLIC = ["2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888"];

describe("addresses", () => {
  test.each([...V4_REFUSED, ...V6_REFUSED])("%s is not the internet's", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
  test.each(V4_REFUSED)("nor is %s written as IPv6", (address) => {
    const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
    const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
    for (const mapped of [
      `::ffff:${address}`,
      `::ffff:${hex}`,
      `::${address}`,
      `64:ff9b::${hex}`,
      `2002:${hex}::`,
    ]) {
      expect(isPublicAddress(mapped)).toBe(false);
    }
  });
  test.each([...V4_PUBLIC, ...V6_PUBLIC])("%s is", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
  test.each(["", "localhost", "127.1", "0x7f000001", "2130706433", "1.1.1.1.1", "::g", "1.1.1.1 "])(
    "%s is none",
    (text) => {
      expect(isPublicAddress(text)).toBe(false);
    },
  );
});

describe("requests", () => {
  let port: number;
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.writeHead(200).end();
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, resolve);
    });
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => server.close());

  // As a URL parser reads them: all of them are this machine, or a name for it.
  test.each([
    "127.0.0.1",
    "127.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
    "[::]",
  ])("to http://%s are not sent", async (host) => {
    await expect(postJson(`http://${host}:${port}/`, {})).rejects.toMatchObject({ code: "address_refused" });
    expect(requests).toBe(0);
  });

  test("of other schemes are not sent", async () => {
    for (const url of ["file:///etc/passwd", "ftp://example.com/", "data:,x"]) {
      await expect(postJson(url, {})).rejects.toMatchObject({ code: "address_refused" });
    }
  });

  test("are sent there where that is allowed, and anything but 2xx is a failure", async () => {
    await postJson(`http://127.0.0.1:${port}/`, { a: 1 }, { isPrivateAllowed: true });
    expect(requests).toBe(1);
    await expect(postJson("http://127.0.0.1:1/", {}, { isPrivateAllowed: true })).rejects.toMatchObject({
      code: "outbound_failed",
      retryable: true,
    });
  });
});
