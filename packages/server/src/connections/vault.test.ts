import { describe, expect, test } from "vitest";
import { Secret } from "../identity/secret.ts";
import { Vault, VaultError, type VaultPlace } from "./vault.ts";

const vault = new Vault(new Secret("the secret of this service, long enough"));
const place: VaultPlace = { orgId: "org_1", connectionId: "con_1", version: 3 };
const tokens = { accessToken: "planted-access", refreshToken: "planted-refresh" };

function codeOf(open: () => unknown): string | undefined {
  try {
    open();
    return undefined;
  } catch (error) {
    return error instanceof VaultError ? error.code : String(error);
  }
}

describe("the vault", () => {
  test("gives back what it has sealed, each time sealed otherwise", () => {
    const sealed = vault.seal(tokens, place);
    expect(vault.open(sealed, place)).toEqual(tokens);
    expect(vault.seal(tokens, place)).not.toBe(sealed);
    expect(sealed).not.toContain("planted");
    expect(Buffer.from(sealed, "base64url").toString("latin1")).not.toContain("planted");
  });

  test("any byte changed is found", () => {
    const sealed = vault.seal(tokens, place);
    const [format = "", keyId = "", wrapped = "", record = ""] = sealed.split(".");
    for (const [part, index] of [
      [wrapped, 2],
      [record, 3],
    ] as const) {
      const bytes = Buffer.from(part, "base64url");
      for (let at = 0; at < bytes.length; at++) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        const parts = [format, keyId, wrapped, record];
        parts[index] = changed.toString("base64url");
        expect(codeOf(() => vault.open(parts.join("."), place))).toBe("vault_tampered");
      }
    }
    for (const broken of [
      "",
      "v1",
      `v1.${keyId}`,
      `v1.${keyId}..`,
      `v2.${keyId}.${wrapped}.${record}.x`,
      sealed.slice(0, -9),
    ])
      expect(codeOf(() => vault.open(broken, place))).toMatch(/^vault_/);
  });

  test.each([
    { ...place, orgId: "org_2" },
    { ...place, connectionId: "con_2" },
    { ...place, version: 2 },
    // Members that could run into one another.
    { ...place, orgId: 'org_1","con_1' },
  ])("a record does not open at another place: %j", (other) => {
    expect(codeOf(() => vault.open(vault.seal(tokens, place), other))).toBe("vault_tampered");
  });

  test("a record's key does not open another record of the same place", () => {
    const [one, other] = [vault.seal(tokens, place), vault.seal(tokens, place)].map((sealed) =>
      sealed.split("."),
    );
    const mixed = [one?.[0], one?.[1], one?.[2], other?.[3]].join(".");
    expect(codeOf(() => vault.open(mixed, place))).toBe("vault_tampered");
  });

  test("another secret is said as that, with nothing of either", () => {
    const other = new Vault(new Secret("another secret of another service, long"));
    expect(() => other.open(vault.seal(tokens, place), place)).toThrow(
      /sealed under another HOLDPOINT_SECRET/,
    );
    expect(codeOf(() => other.open(vault.seal(tokens, place), place))).toBe("vault_key_unknown");
  });
});
