import { hash } from "node:crypto";
import type { Hasher } from "@holdpoint/protocol";

/** SHA-256 by OpenSSL. */
export const nodeHasher: Hasher = {
  bytes: (data) => hash("sha256", data, "buffer"),
  text: (data) => hash("sha256", data, "base64url"),
};
