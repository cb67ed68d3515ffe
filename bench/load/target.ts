/** What a load generator drives. */
export type Target =
  | {
      /** The API, at a bare server or at Holdpoint. */
      type: "http";
      url: string;
      /** Undefined: none is sent. */
      agentKey?: string | undefined;
      operatorKey?: string | undefined;
    }
  | {
      /** The bare statements, each client on a connection of its own. */
      type: "sql";
      url: string;
      style: "single statements" | "transactions";
    }
  | {
      /** Holdpoint's two functions as its service calls them, without a service. */
      type: "functions";
      url: string;
      orgId: string;
      agentKey: string;
      operatorKey: string;
    }
  | {
      /** The bare statements in PGlite, in the generator's own process: PGlite is a library. */
      type: "embedded";
      dataDir: string;
    }
  | {
      /** Agents of Holdpoint, over its API. */
      type: "runs";
      url: string;
      operatorKey: string;
    }
  | PeerTarget;

/** A peer, in the generator's own process and without HTTP: peers are libraries, and this is their best case. */
export interface PeerTarget {
  type: "langgraph approval" | "langgraph agent" | "dbos approval";
  url: string;
  /** Connections to the database. */
  poolSize: number;
}

/** What the generator is told to do; it answers with a Load. */
export interface LoadOrder {
  clients: number;
  forMs: number;
  maxCycles: number;
}

/** The action that every hold is about. */
export const PROPOSED_ACTION = { name: "delete_records", arguments: { table_name: "users", count: 50 } };

/** What every agent says when its call was executed. */
export const FINAL_ANSWER = "Done.";
