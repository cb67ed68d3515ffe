// The tables of schema holdpoint, for Kysely.
export interface Schema {}
