// Tiles of a log, https://c2sp.org/tlog-tiles: 256 hashes of one level of the tree, which is eight levels of its own.

/** Hashes of a full tile. */
export const TILE_WIDTH = 256;
/** Levels of the tree that a tile stands for. */
export const TILE_HEIGHT = 8;

export interface TileId {
  /** 0: hashes of leaves. Above: each hash is the root of a full tile below. */
  level: number;
  index: number;
}

/** How many hashes of that tile a tree of `size` entries has: 0 when the tile is not in it. */
export function tileWidth({ level, index }: TileId, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/** The index of a tile as path elements: 1234067 is `x001/x234/067`. */
export function formatTileIndex(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
}

/** `<N>` or `<N>.p/<W>`; undefined for any other spelling. Without `.p` the tile is full. */
export function parseTilePath(path: string): { index: number; width: number } | undefined {
  const [, encoded, partial] = /^((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? [];
  if (encoded === undefined) return undefined;
  const index = Number(encoded.replaceAll(/[x/]/g, ""));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (!Number.isSafeInteger(index) || formatTileIndex(index) !== encoded) return undefined;
  return partial !== undefined && width >= TILE_WIDTH ? undefined : { index, width };
}
