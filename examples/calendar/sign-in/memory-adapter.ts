import type { Adapter, AdapterPayload } from "oidc-provider";

interface Entry {
  payload: AdapterPayload;
  expiresAt: number;
}

/** What one sign-in service knows, by model and id. Gone when the process ends. */
export type Memory = Map<string, Entry>;

/** Keeps sessions, grants and tokens of one provider in `memory`; the provider's own is one for the whole process. */
export class MemoryAdapter implements Adapter {
  readonly #memory: Memory;
  readonly #model: string;

  constructor(memory: Memory, model: string) {
    this.#memory = memory;
    this.#model = model;
  }

  async upsert(id: string, payload: AdapterPayload, expiresInSeconds: number): Promise<undefined> {
    const expiresAt = expiresInSeconds ? Date.now() + expiresInSeconds * 1_000 : Number.POSITIVE_INFINITY;
    this.#memory.set(this.#key(id), { payload, expiresAt });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const entry = this.#memory.get(this.#key(id));
    return entry !== undefined && entry.expiresAt > Date.now() ? entry.payload : undefined;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#own().find(([, { payload }]) => payload.uid === uid)?.[1].payload;
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#own().find(([, { payload }]) => payload.userCode === userCode)?.[1].payload;
  }

  async consume(id: string): Promise<undefined> {
    const entry = this.#memory.get(this.#key(id));
    if (entry !== undefined) entry.payload.consumed = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<undefined> {
    this.#memory.delete(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<undefined> {
    for (const [key, { payload }] of this.#own()) if (payload.grantId === grantId) this.#memory.delete(key);
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }

  #own(): [string, Entry][] {
    return Array.from(this.#memory).filter(([key]) => key.startsWith(`${this.#model}:`));
  }
}
