import { ProofError } from "@holdpoint/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type pg from "pg";
import { checkLog } from "../../src/audit/check-log.ts";
import { findCheckpoint } from "../../src/audit/checkpoints.ts";
import type { Queries } from "../../src/database/database.ts";
import { runHotFunction } from "../../src/database/statement.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { openTestStore, type OpenTestStore } from "../../src/testing/stores.ts";
import { exportLines, verifyLines } from "./audit-fixture.ts";
import { Dice } from "./dice.ts";
import { insertEvents, sequenceAll } from "./written-log.ts";

/** 10,000 in all: 9,600 of exports, 400 of what is stored. The dice are seeded: a failure names its throw. */
const EXPORT_TAMPERINGS = 9_600;
const STORE_TAMPERINGS = 400;

let store: OpenTestStore;
let orgId: string;
/** A log of 300 entries with tiles, signed at 60, 180, 200 and 300 entries, and what was exported when. */
let large: string[];
let small: string[];
/** Checkpoints kept elsewhere, at 60 and at 300 entries. */
let kept: string[];

beforeAll(async () => {
  store = await openTestStore("postgres");
  ({ orgId } = await seedOrganisation(store.database));
  const notes: string[] = [];
  for (const count of [60, 120, 20, 100]) {
    await insertEvents(store.database, orgId, count);
    await sequenceAll(store.database);
    notes.push((await findCheckpoint(store.database, orgId))?.note ?? "");
    if (count === 60) small = await exportLines(store.database, orgId);
  }
  kept = [notes[0]!, notes[3]!];
  large = await exportLines(store.database, orgId);
});
afterAll(() => store.close());

/** What a verifier says: undefined when it finds nothing. */
async function findFault(
  lines: readonly string[],
  checkpoints: readonly string[],
): Promise<ProofError | undefined> {
  try {
    await verifyLines(lines, { checkpoints });
    return undefined;
  } catch (error) {
    if (error instanceof ProofError) return error;
    throw error;
  }
}

test("untouched, everything fits", async () => {
  expect(await findFault(large, kept)).toBeUndefined();
  expect(await findFault(small, kept.slice(0, 1))).toBeUndefined();
  expect(await checkLog(store.database, orgId)).toEqual({ entries: 300, findings: [] });
  expect(large.filter((line) => line.startsWith('{"checkpoint"'))).toHaveLength(3);
});

describe("of an export", () => {
  const ways: Record<string, (lines: string[], dice: Dice) => string[]> = {
    "a character is another": (lines, dice) => {
      const at = dice.below(lines.length);
      const line = lines[at]!;
      const place = dice.below(line.length);
      const other = String.fromCharCode(33 + ((line.charCodeAt(place) - 33 + 1 + dice.below(92)) % 93));
      return lines.with(at, line.slice(0, place) + other + line.slice(place + 1));
    },
    "a line is taken out": (lines, dice) => lines.toSpliced(dice.below(lines.length), 1),
    "lines are taken out": (lines, dice) => lines.toSpliced(dice.below(lines.length), 1 + dice.below(20)),
    "two lines change places": (lines, dice) => {
      const [a, b] = dice.two(lines.length);
      return lines.with(a, lines[b]!).with(b, lines[a]!);
    },
    "a line comes twice": (lines, dice) => {
      const at = dice.below(lines.length);
      return lines.toSpliced(dice.below(lines.length + 1), 0, lines[at]!);
    },
    "the end is cut off": (lines, dice) => lines.slice(0, 1 + dice.below(lines.length - 1)),
    "the end is cut off, and the last line says so": (lines, dice) => {
      const size = 1 + dice.below(lines.length - 2);
      const entries = lines.slice(0, size).filter((line) => line.startsWith('{"index"')).length;
      const checkpoints = size - 1 - entries;
      return [...lines.slice(0, size), JSON.stringify({ end: true, entries, checkpoints })];
    },
    "an entry has the text of another": (lines, dice) => {
      const [a, b] = dice.two(lines.length - 2).map((at) => at + 1) as [number, number];
      const pieces = lines[a]!.split("\t");
      return lines.with(a, pieces.with(1, lines[b]!.split("\t")[1] ?? "x").join("\t"));
    },
    "a value that comes with an entry is another, or gone, or twice": (lines, dice) => {
      const at = dice.where(lines, (line) => line.includes('"data",'));
      const line = lines[at]!;
      switch (dice.below(3)) {
        case 0:
          return lines.with(
            at,
            line.replace(/"order":(\d+)/, (_, order) => `"order":${Number(order) + 1}`),
          );
        case 1:
          return lines.with(
            at,
            line.replace(/\t,\t[^\t]*/, (text) => text + text),
          );
        default:
          return lines.with(at, line.replace('"to":"Käthe"', '"to":"Klaus"'));
      }
    },
    "an entry is changed together with its hash": (lines, dice) => {
      const at = dice.where(lines, (line) => line.startsWith('{"index"'));
      const other = lines[dice.where(lines, (line, index) => line.startsWith('{"index"') && index !== at)]!;
      const index = /"index":\d+/.exec(lines[at]!)?.[0] ?? "";
      return lines.with(at, other.replace(/"index":\d+/, index));
    },
  };

  test(`${EXPORT_TAMPERINGS} random ones are all found`, { timeout: 180_000 }, async () => {
    const dice = new Dice(20_261_121);
    const names = Object.keys(ways);
    const counts: Record<string, number> = {};
    for (let count = 0; count < EXPORT_TAMPERINGS; count++) {
      const lines = count % 8 === 0 ? large : small;
      const name = names[count % names.length]!;
      const tampered = ways[name]!(lines, dice);
      if (tampered.join("\n") === lines.join("\n")) continue; // swapped with its like, say
      counts[name] = (counts[name] ?? 0) + 1;
      if ((await findFault(tampered, [])) === undefined) expect.fail(`throw ${count}: ${name}`);
    }
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBeGreaterThan(
      EXPORT_TAMPERINGS * 0.97,
    );
  });

  test("an edited entry is named exactly", async () => {
    const dice = new Dice(7);
    for (let count = 0; count < 200; count++) {
      const at = dice.where(large, (line) => line.includes('"type":"hold.'));
      const index = Number(/"index":(\d+)/.exec(large[at]!)?.[1]);
      const changed = large.with(at, large[at]!.replace('"agentId":"agent_1"', '"agentId":"agent_2"'));
      expect(await findFault(changed, [])).toMatchObject({ fault: "wrong_entry", index, line: at + 1 });
    }
  });
});

describe("of what is stored, by somebody with all rights", () => {
  type Tampering = (owner: pg.ClientBase, dice: Dice) => Promise<unknown>;
  const one = (table: string, dice: Dice, key: string) =>
    `(select ${key} from holdpoint.${table} order by ${key} offset ${dice.below(table === "audit_checkpoints" ? 4 : table === "audit_tiles" ? 1 : 300)} limit 1)`;
  const set =
    (table: string, key: string, change: string): Tampering =>
    (owner, dice) =>
      owner.query(`update holdpoint.${table} set ${change} where ${key} = ${one(table, dice, key)}`);
  /** One byte becomes another, never itself. */
  const flip =
    (table: string, column: string, bytes: number): Tampering =>
    (owner, dice) => {
      const at = dice.below(bytes);
      const other = `(get_byte(${column}, ${at}) + ${1 + dice.below(255)}) % 256`;
      return set(table, "index", `${column} = set_byte(${column}, ${at}, ${other})`)(owner, dice);
    };
  const ways: Record<string, Tampering> = {
    "an event's decision": set("events", "id", "decision = coalesce(decision, '') || 'x'"),
    "an event's time": set("events", "id", "created_at = created_at + interval '1 second'"),
    "an event's actor": set("events", "id", "actor_id = 'mem_eve'"),
    "an event's data": set("events", "id", "data = '{\"n\": -1}'"),
    "an event's reason": set("events", "id", "rationale = 'because'"),
    "an event's hold": set("events", "id", "hold_id = 'hold_other'"),
    "an event is deleted": (owner, dice) =>
      owner.query(`delete from holdpoint.events where id = ${one("events", dice, "id")}`),
    "a leaf's hash": set("audit_leaves", "index", "hash = sha256(hash)"),
    "a leaf's salt": set("audit_leaves", "index", "salt = substr(sha256(salt), 1, 16)"),
    "a leaf is deleted": (owner, dice) =>
      owner.query(`delete from holdpoint.audit_leaves where index = ${one("audit_leaves", dice, "index")}`),
    "two leaves change places": async (owner, dice) => {
      const [a, b] = dice.two(300);
      await owner.query("update holdpoint.audit_leaves set index = 1000 where index = $1", [a]);
      await owner.query("update holdpoint.audit_leaves set index = $1 where index = $2", [a, b]);
      await owner.query("update holdpoint.audit_leaves set index = $1 where index = 1000", [b]);
    },
    "the last leaves are cut off": (owner, dice) =>
      owner.query("delete from holdpoint.audit_leaves where index >= $1", [dice.below(300)]),
    "the last leaves, their checkpoints and events are cut off": async (owner, dice) => {
      const size = [60, 180, 200][dice.below(3)];
      await owner.query(
        "delete from holdpoint.events where id in (select event_id from holdpoint.audit_leaves where index >= $1)",
        [size],
      );
      await owner.query("delete from holdpoint.audit_leaves where index >= $1", [size]);
      await owner.query("delete from holdpoint.audit_checkpoints where size > $1", [size]);
      await owner.query("delete from holdpoint.audit_tiles");
    },
    "an event that happened long ago is put in": (owner, dice) =>
      owner.query(
        `insert into holdpoint.events (org_id, id, type, created_at, actor_kind, data) values ($1, 'evt_' || $2, 'hold.created', now() - interval '1 hour', 'system', '{}')`,
        [orgId, dice.below(1_000_000)],
      ),
    "an entry is put in": async (owner, dice) => {
      await owner.query(
        `insert into holdpoint.audit_leaves (org_id, index, event_id, hash, salt) values ($1, $2, 'evt_x', sha256('x'), substr(sha256('x'), 1, 16))`,
        [orgId, 300 + dice.below(3)],
      );
    },
    "a tile's hashes": flip("audit_tiles", "hashes", 8192),
    "a tile's root": flip("audit_tiles", "root", 32),
    "a tile is deleted": (owner) => owner.query("delete from holdpoint.audit_tiles"),
    "a tile is put in": (owner, dice) =>
      owner.query(
        "insert into holdpoint.audit_tiles select org_id, level, index + $1, hashes, root from holdpoint.audit_tiles",
        [1 + dice.below(5)],
      ),
    "a checkpoint's root": set("audit_checkpoints", "size", "root = sha256(root)"),
    "a checkpoint's note": set(
      "audit_checkpoints",
      "size",
      "note = overlay(note placing case substr(note, 40, 1) when 'x' then 'y' else 'x' end from 40 for 1)",
    ),
    "a checkpoint's size": set("audit_checkpoints", "size", "size = size + 1"),
    "a checkpoint is deleted": (owner, dice) =>
      owner.query(
        `delete from holdpoint.audit_checkpoints where size = ${one("audit_checkpoints", dice, "size")}`,
      ),
  };

  test(`${STORE_TAMPERINGS} random ones are all found`, { timeout: 180_000 }, async () => {
    const dice = new Dice(1_123);
    const names = Object.keys(ways);
    await store.database.ownerSession(async (owner) => {
      const queries: Pick<Queries, "call"> = { call: (name, ...args) => runHotFunction(owner, name, args) };
      for (let count = 0; count < STORE_TAMPERINGS; count++) {
        const name = names[count % names.length]!;
        await owner.query("begin");
        await ways[name]!(owner, dice);
        if (!(await isFound(queries))) expect.fail(`throw ${count}: ${name}`);
        await owner.query("rollback");
      }
    });
  });

  /** First as who does not trust the service does, and then by the service's own look. */
  async function isFound(queries: Pick<Queries, "call">): Promise<boolean> {
    if ((await checkLog(queries, orgId)).findings.length > 0) return true;
    return (await findFault(await exportLines(queries, orgId), kept)) !== undefined;
  }
});

describe("by somebody who also has the signing key", () => {
  let twin: OpenTestStore;
  afterAll(() => twin?.close());

  test("a log that was written anew, or cut off and continued, contradicts any checkpoint kept elsewhere", async () => {
    twin = await openTestStore("embedded");
    // The same organisation with the same key, and another history.
    for (const count of [10, 50, 240]) {
      await insertEvents(twin.database, orgId, count);
      await sequenceAll(twin.database);
    }
    const fork = await exportLines(twin.database, orgId);
    // In itself it is flawless.
    expect(await findFault(fork, [])).toBeUndefined();
    expect((await checkLog(twin.database, orgId)).findings).toEqual([]);
    for (const checkpoint of kept)
      expect(await findFault(fork, [checkpoint])).toMatchObject({ fault: "wrong_root" });
    expect(await findFault(fork, [kept[0]!])).toMatchObject({
      index: 59,
      message: expect.stringContaining("rewritten"),
    });
    expect(await findFault(small, [kept[1]!])).toMatchObject({
      index: 60,
      message: expect.stringContaining("cut off"),
    });
  });
});
