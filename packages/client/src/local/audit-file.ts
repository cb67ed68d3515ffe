import type { JsonObject, JsonValue } from "@holdpoint/protocol";

/** A line of the local log. Names as in the service's: `gate_presented` comes before every decision of a person. */
export interface LocalAuditEntry {
  time: string;
  /** Of the call; the same in all of its entries. */
  id: string;
  event:
    | "gate_presented"
    | "approved"
    | "modified"
    | "rejected"
    | "skipped"
    | "auto_proceeded"
    | "executing"
    | "executed"
    | "failed";
  action: { name: string; arguments: JsonObject };
  /** Of the call, where it has one. */
  idempotencyKey?: string;
  /** Who decided: `terminal`, `callback`, `auto-approve`, or `nobody`. */
  by?: string;
  reason?: string;
  result?: JsonValue;
  error?: JsonValue;
}

/** Where a local gate records what happens, before it happens. */
export interface LocalAudit {
  /** Throws when it cannot: then nothing is executed (I10). */
  append(entry: LocalAuditEntry): void | Promise<void>;
  /** What was recorded of a call with that key. */
  find?(idempotencyKey: string): readonly LocalAuditEntry[] | Promise<readonly LocalAuditEntry[]>;
  /** True once, for whichever process comes first: the single right to execute the call with that key (I2). */
  claim?(idempotencyKey: string): boolean | Promise<boolean>;
}

/** A file of JSON lines that is only ever added to, with the claims of named calls in a folder beside it. */
export function auditFile(path: string): Required<LocalAudit> {
  const { process } = globalThis as { process?: NodeJS.Process };
  const fs = process?.getBuiltinModule?.("node:fs");
  const crypto = process?.getBuiltinModule?.("node:crypto");
  if (fs === undefined || crypto === undefined) {
    throw new TypeError("There are no files here to record in; give localGate `audit: {append(entry) {…}}`.");
  }
  /** True after half a line, to which the next one must not be added. */
  const isInLine = (): boolean => {
    const size = fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size === 0) return false;
    const file = fs.openSync(path, "r");
    try {
      const last = new Uint8Array(1);
      return fs.readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 10;
    } finally {
      fs.closeSync(file);
    }
  };
  return {
    append(entry) {
      const start = isInLine() ? "\n" : "";
      fs.appendFileSync(path, `${start}${JSON.stringify(entry)}\n`, { mode: 0o600, flush: true });
    },
    find(idempotencyKey) {
      if (!fs.existsSync(path)) return [];
      return fs
        .readFileSync(path, "utf8")
        .split("\n")
        .flatMap((line) => {
          // Whoever was killed in the middle of a line, or found no room for it, has left half of one.
          try {
            return [JSON.parse(line) as LocalAuditEntry];
          } catch {
            return [];
          }
        })
        .filter((entry) => entry.idempotencyKey === idempotencyKey);
    },
    claim(idempotencyKey) {
      const name = crypto.createHash("sha256").update(idempotencyKey).digest("hex");
      fs.mkdirSync(`${path}.claims`, { recursive: true });
      try {
        fs.writeFileSync(`${path}.claims/${name}`, "", { flag: "wx", flush: true });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === "EEXIST") return false;
        throw error;
      }
    },
  };
}
