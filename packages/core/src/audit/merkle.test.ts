import {
  emptyRoot,
  leafHash,
  nodeHash,
  portableHasher,
  rootOfInclusion,
  toBase64,
  verifyConsistency,
} from "@holdpoint/protocol";
import { expect, test } from "vitest";
import { GrowingTree, type FullTile } from "./growing-tree.ts";
import { buildProof, planConsistency, planInclusion, planRoot, tilesOf, type ProofPlan } from "./proof.ts";
import { formatTileIndex, parseTilePath, TILE_WIDTH, tileWidth } from "./tile.ts";

/** Leaves and roots that every implementation of RFC 6962 is tested with (Certificate Transparency's own). */
const LEAVES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** RFC 6962 section 2.1 as it is written there: slow, and obviously right. */
function treeHash(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot();
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

/** Section 2.1.1. */
function path(index: number, leaves: Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return [];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return index < split
    ? [...path(index, leaves.slice(0, split)), treeHash(leaves.slice(split))]
    : [...path(index - split, leaves.slice(split)), treeHash(leaves.slice(0, split))];
}

/** Section 2.1.2. */
function consistency(from: number, leaves: Uint8Array[], isWhole = true): Uint8Array[] {
  if (from === leaves.length) return isWhole ? [] : [treeHash(leaves)];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return from <= split
    ? [...consistency(from, leaves.slice(0, split), isWhole), treeHash(leaves.slice(split))]
    : [...consistency(from - split, leaves.slice(split), false), treeHash(leaves.slice(0, split))];
}

const leafOf = (index: number) => leafHash(`entry ${index}`);

/** A tree with all its tiles, the partial ones too. */
function grow(size: number) {
  const tree = new GrowingTree(portableHasher);
  const leaves = Array.from({ length: size }, (_, index) => leafOf(index));
  const tiles: FullTile[] = leaves.flatMap((leaf) => tree.append(leaf));
  const levels: Uint8Array[][] = [leaves];
  for (let level = 0; levels[level]!.length >= TILE_WIDTH; level++) {
    levels.push(tiles.filter((tile) => tile.level === level).map(({ root }) => root));
  }
  const read = ({ level, index }: { level: number; index: number }) =>
    new Uint8Array(Buffer.concat(levels[level]!.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH)));
  return { tree, leaves, tiles, levels, build: (plan: ProofPlan) => buildProof(plan, read, portableHasher) };
}

test("the published roots", () => {
  const tree = new GrowingTree(portableHasher);
  expect(hex(tree.root())).toBe(ROOTS[0]);
  LEAVES.forEach((leaf, index) => {
    tree.append(leafHash(Buffer.from(leaf, "hex")));
    expect(hex(tree.root())).toBe(ROOTS[index + 1]);
  });
});

test("the published proofs", () => {
  // From the same collection: entry, size, and the way to the root.
  const node = (level: Uint8Array[]) => treeHash(level);
  const leaves = LEAVES.map((leaf) => leafHash(Buffer.from(leaf, "hex")));
  const proofs: [index: number, size: number, hashes: string[]][] = [
    [0, 1, []],
    [
      0,
      8,
      [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ],
    ],
    [
      5,
      8,
      [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ],
    ],
    [2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
    [
      1,
      5,
      [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ],
    ],
  ];
  for (const [index, size, hashes] of proofs) {
    const proof = { index, size, hashes: hashes.map((text) => new Uint8Array(Buffer.from(text, "hex"))) };
    expect(hex(rootOfInclusion(leaves[index]!, proof))).toBe(ROOTS[size]);
    expect(path(index, leaves.slice(0, size)).map(hex)).toEqual(hashes);
  }
  expect(hex(node(leaves))).toBe(ROOTS[8]);
});

test("every inclusion proof of trees up to 70 entries, and around the borders of tiles", () => {
  for (const size of [...Array.from({ length: 70 }, (_, index) => index + 1), 255, 256, 257, 511, 512, 700]) {
    const { leaves, build, tree } = grow(size);
    expect(hex(tree.root())).toBe(hex(treeHash(leaves)));
    const step = size > 70 ? 37 : 1;
    for (let index = 0; index < size; index += step) {
      const hashes = build(planInclusion(index, size));
      expect(hashes.map(hex)).toEqual(path(index, leaves).map(hex));
      expect(hex(rootOfInclusion(leaves[index]!, { index, size, hashes }))).toBe(hex(tree.root()));
    }
  }
});

test("every consistency proof of trees up to 40 entries, and around the borders of tiles", () => {
  const pairs: [number, number][] = [
    [255, 256],
    [256, 257],
    [1, 700],
    [256, 700],
    [300, 700],
    [512, 700],
    [700, 700],
    [0, 700],
  ];
  for (let to = 1; to <= 40; to++) for (let from = 1; from <= to; from++) pairs.push([from, to]);
  for (const [from, to] of pairs) {
    const { leaves, build } = grow(to);
    const hashes = build(planConsistency(from, to));
    if (from > 0) expect(hashes.map(hex)).toEqual(consistency(from, leaves).map(hex));
    verifyConsistency(treeHash(leaves.slice(0, from)), treeHash(leaves), { from, to, hashes });
    if (from === 0) continue;
    expect(hex(build(planRoot(from, to))[0]!)).toBe(hex(treeHash(leaves.slice(0, from))));
    const other = treeHash([leafHash("another"), ...leaves.slice(1, from)]);
    expect(() => verifyConsistency(other, treeHash(leaves), { from, to, hashes })).toThrow(
      /rewritten|length/,
    );
  }
});

test("a changed, shortened or lengthened proof proves nothing", () => {
  const { leaves, build, tree } = grow(300);
  for (const index of [0, 7, 255, 256, 299]) {
    const hashes = build(planInclusion(index, 300));
    const root = hex(tree.root());
    const outcome = (changed: Uint8Array[]) => {
      try {
        return hex(rootOfInclusion(leaves[index]!, { index, size: 300, hashes: changed }));
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(outcome(hashes)).toBe(root);
    hashes.forEach((hash, at) => {
      const changed = Uint8Array.from(hash);
      changed[at % 32]! ^= 1 << (at % 8);
      expect(outcome(hashes.with(at, changed))).not.toBe(root);
      expect(outcome(hashes.toSpliced(at, 1))).toMatch(/length/);
    });
    expect(outcome([...hashes, leaves[0]!])).toMatch(/length/);
    expect(outcome([hashes[0]!.slice(1), ...hashes.slice(1)])).toMatch(/32 bytes/);
  }
});

test("a tree goes on from its edge as if it had never stopped", () => {
  const { leaves, tree } = grow(1_000);
  for (const size of [0, 1, 255, 256, 257, 999]) {
    const before = grow(size);
    const partials = before.levels.map((hashes) => hashes.slice(Math.floor(hashes.length / 256) * 256));
    const resumed = new GrowingTree(portableHasher, { size, partials });
    expect(hex(resumed.root())).toBe(hex(before.tree.root()));
    for (const leaf of leaves.slice(size)) resumed.append(leaf);
    expect(hex(resumed.root())).toBe(hex(tree.root()));
  }
  expect(() => new GrowingTree(portableHasher, { size: 3, partials: [[leafOf(0)]] })).toThrow(/not the edge/);
});

test("tiles: 70,000 entries are 273 full ones, a full one above, and the partial ones of the specification", () => {
  const size = 70_000;
  const widths = (level: number) =>
    Array.from({ length: 300 }, (_, index) => tileWidth({ level, index }, size)).filter((width) => width > 0);
  expect(widths(0)).toEqual([...Array<number>(273).fill(256), 112]);
  expect(widths(1)).toEqual([256, 17]);
  expect(widths(2)).toEqual([1]);
  expect(widths(3)).toEqual([]);
  expect(tileWidth({ level: 1, index: 0 }, 256)).toBe(1);
});

test("a full tile is 8,192 bytes, and its root stands in the level above", () => {
  const { tiles, levels } = grow(600);
  expect(tiles.map(({ level, index, hashes }) => [level, index, hashes.length])).toEqual([
    [0, 0, 8192],
    [0, 1, 8192],
  ]);
  expect(hex(tiles[1]!.root)).toBe(hex(treeHash(levels[0]!.slice(256, 512))));
});

test("the index of a tile is a path", () => {
  expect(formatTileIndex(1_234_067)).toBe("x001/x234/067");
  expect(formatTileIndex(0)).toBe("000");
  expect(formatTileIndex(999)).toBe("999");
  expect(formatTileIndex(1_000)).toBe("x001/000");
  expect(parseTilePath("x001/x234/067")).toEqual({ index: 1_234_067, width: 256 });
  expect(parseTilePath("273.p/112")).toEqual({ index: 273, width: 112 });
  for (const wrong of [
    "",
    "67",
    "x000/067",
    "x001/67",
    "000.p/0",
    "000.p/256",
    "000.p/07",
    "000/",
    "../000",
    "x001",
  ]) {
    expect(parseTilePath(wrong)).toBeUndefined();
  }
});

test("a proof needs few tiles: two levels for a log of 50,000 entries", () => {
  expect(tilesOf(planInclusion(20_000, 50_000)).length).toBeLessThanOrEqual(4);
  expect(toBase64(emptyRoot())).toBe("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
});
