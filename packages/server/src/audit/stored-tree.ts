import { buildProof, tilesOf, tileWidth, type ProofPlan, type TileId } from "@holdpoint/core";
import type { Queries } from "../database/database.ts";
import { nodeHasher } from "./node-hasher.ts";

interface TileRow extends TileId {
  hashes: string | null;
}

/** The tree of an organisation as it is stored. */
export class StoredTree {
  readonly #queries: Pick<Queries, "call">;
  readonly #orgId: string;

  constructor(queries: Pick<Queries, "call">, orgId: string) {
    this.#queries = queries;
    this.#orgId = orgId;
  }

  /** The hashes of a proof. One round trip. Throws `RangeError` when the tree that is stored lacks some of them. */
  async prove(plan: ProofPlan): Promise<Uint8Array[]> {
    const tiles = tilesOf(plan);
    const read = await this.#read(tiles, plan.size);
    return buildProof(plan, (tile) => read.get(nameOf(tile)) ?? new Uint8Array(0), nodeHasher);
  }

  /** The hashes of many proofs from the same tree; each tile is read once. */
  async proveAll(plans: readonly ProofPlan[]): Promise<Uint8Array[][]> {
    const tiles = new Map<string, TileId>();
    for (const plan of plans) for (const tile of tilesOf(plan)) tiles.set(nameOf(tile), tile);
    const read = await this.#read([...tiles.values()], Math.max(...plans.map(({ size }) => size)));
    const reader = (tile: TileId): Uint8Array => read.get(nameOf(tile)) ?? new Uint8Array(0);
    return plans.map((plan) => buildProof(plan, reader, nodeHasher));
  }

  /** As many hashes of the tile as there are, up to its width in a tree of `size`. */
  async tile(tile: TileId, width: number): Promise<Uint8Array> {
    const rows = await this.#call([{ ...tile, width }]);
    return Buffer.from(rows[0]?.hashes ?? "", "hex");
  }

  async #read(tiles: readonly TileId[], size: number): Promise<Map<string, Uint8Array>> {
    if (tiles.length === 0) return new Map();
    const rows = await this.#call(tiles.map((tile) => ({ ...tile, width: tileWidth(tile, size) })));
    return new Map(rows.map((row) => [nameOf(row), Buffer.from(row.hashes ?? "", "hex")]));
  }

  async #call(tiles: (TileId & { width: number })[]): Promise<TileRow[]> {
    return (await this.#queries.call("audit_tiles_v1", this.#orgId, JSON.stringify(tiles))) as TileRow[];
  }
}

function nameOf({ level, index }: TileId): string {
  return `${level}/${index}`;
}
