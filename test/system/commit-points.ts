import type { Database } from "../../packages/server/src/database/database.ts";
import type { FaultPoints } from "../../packages/server/src/runs/journal.ts";

/** Where in a commit: asked for but not made; on its way; made but not yet known to whoever made it. */
export const PHASES = ["before", "during", "after"] as const;
export type Phase = (typeof PHASES)[number];

/** The `occurrence`-th commit of that name since the point was set. */
export interface CommitPoint {
  name: string;
  occurrence: number;
  phase: Phase;
}

export function describePoint({ name, occurrence, phase }: CommitPoint): string {
  return `${phase} ${name} ${occurrence}`;
}

const JOURNAL: ReadonlySet<string> = new Set(["commit_run_v1", "commit_and_load_run_v1"]);

/** What the hot functions that commit something of a run are called here; a journal's commit has a name of its own. */
const NAMES: Readonly<Record<string, string>> = {
  create_run_v1: "create",
  take_runs_v1: "take",
  start_call_v1: "start",
  finish_call_v1: "finish",
  decide_v1: "decide",
};

/**
 * Watches every commit of a run go by, from outside the service: its database is wrapped, and its fault points give
 * the commits of the journal their names. At one of them the process dies, as by `kill -9`.
 */
export class CommitPoints {
  readonly #report: (point: CommitPoint) => void;
  readonly #counts = new Map<string, number>();
  readonly #labels = new Map<string, string>();
  #deadly: CommitPoint | undefined;
  #dyingInside = false;

  constructor(report: (point: CommitPoint) => void) {
    this.#report = report;
  }

  /** Counts anew from here, and dies there. */
  set(deadly: CommitPoint | undefined): void {
    this.#counts.clear();
    this.#deadly = deadly;
  }

  /** For the disk of the embedded database: the bytes of the commit are written, and were about to be synced. */
  readonly aboutToSync = (): void => {
    if (this.#dyingInside) die();
  };

  readonly faults: FaultPoints = {
    hit: (point, runId) => {
      const [when, label] = point.split(":");
      if (label !== undefined && when === "before") this.#labels.set(runId, label);
      // The tool has had its effect, and nobody has heard of it.
      if (point === "executed") this.#reach({ ...this.#next("executed"), phase: "after" });
    },
  };

  wrap(database: Database): Database {
    const watch =
      (make: Database["call"]): Database["call"] =>
      async (name, ...args) => {
        const command = args[0] as { runId?: string } | undefined;
        const label = JOURNAL.has(name) ? this.#labels.get(command?.runId ?? "") : NAMES[name];
        if (label === undefined) return make(name, ...args);
        // Who looks for due runs mostly finds none, which commits nothing.
        if (label === "take") {
          const taken = (await make(name, ...args)) as unknown[];
          if (taken.length > 0) this.#reach({ ...this.#next(label), phase: "after" });
          return taken;
        }
        const point = this.#next(label);
        this.#reach({ ...point, phase: "before" });
        return this.#pass(point, database.kind, () => make(name, ...args));
      };
    return {
      kind: database.kind,
      pool: database.pool,
      kysely: database.kysely,
      call: watch(database.call.bind(database)),
      callIdempotent: watch(database.callIdempotent.bind(database)),
      callGrouped: (name, command, lock) =>
        watch(() => database.callGrouped(name, command, lock))(name, command),
      query: database.query.bind(database),
      ownerSession: database.ownerSession.bind(database),
      notify: database.notify.bind(database),
      elect: database.elect.bind(database),
      listen: database.listen.bind(database),
      close: database.close.bind(database),
      // Only tools use transactions while a run goes on.
      transaction: async (work) => {
        const point = this.#next("tool");
        const { promise: worked, resolve: hasWorked } = Promise.withResolvers<void>();
        const whole = database.transaction(async (tx) => {
          const value = await work(tx);
          this.#reach({ ...point, phase: "before" });
          hasWorked();
          return value;
        });
        await Promise.race([worked, whole]);
        return this.#pass(point, database.kind, () => whole);
      },
    };
  }

  #next(name: string): Omit<CommitPoint, "phase"> {
    const occurrence = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, occurrence);
    return { name, occurrence };
  }

  async #pass<T>(
    point: Omit<CommitPoint, "phase">,
    kind: Database["kind"],
    make: () => Promise<T>,
  ): Promise<T> {
    const inside = { ...point, phase: "during" } as const;
    if (this.#isDeadly(inside)) {
      if (kind === "embedded") this.#dyingInside = true;
      // The statement is on the wire; whether the server has begun with it, or ended, is chance.
      else setImmediate(() => setImmediate(die));
    }
    const value = await make();
    if (this.#isDeadly(inside)) die();
    this.#reach(inside);
    this.#reach({ ...point, phase: "after" });
    return value;
  }

  #isDeadly(point: CommitPoint): boolean {
    return this.#deadly !== undefined && describePoint(point) === describePoint(this.#deadly);
  }

  #reach(point: CommitPoint): void {
    if (this.#isDeadly(point)) die();
    this.#report(point);
  }
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}
