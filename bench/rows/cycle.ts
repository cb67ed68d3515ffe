// P1, the cycle: a hold is created and decided, both durable, on one PostgreSQL. Holdpoint, and what it is measured by.
import { BARE_SCHEMA } from "../bare/statements.ts";
import type { PeerTarget, Target } from "../load/target.ts";
import { startPostgresSubject } from "../measurement/generated-load.ts";
import { measureAll, type Measured } from "../measurement/measure-all.ts";
import { startObservedPostgres, type CountedStatement } from "../measurement/observed-postgres.ts";
import type { Subject } from "../measurement/subject.ts";
import { startChild } from "../processes/child.ts";
import { startProduct } from "../product/product.ts";
import type { RowOptions } from "./row-options.ts";

const BARE_SERVER = new URL("../bare/server.ts", import.meta.url);

/** Connections of every server and peer to the database: the service's default. */
export const POOL_SIZE = 10;

/** In the order in which they are measured. */
export const CYCLE_SUBJECTS = {
  statements: "the same SQL without HTTP",
  transactions: "the same SQL in two transactions",
  functions: "Holdpoint's functions without HTTP",
  bare: "bare server",
  product: "Holdpoint",
  dbos: "DBOS recv/send",
  langgraph: "LangGraph.js interrupt/resume",
} as const;

/** What reached the database in a number of cycles of one client. One statement is one round trip. */
export interface CountedCycles {
  cycles: number;
  statements: CountedStatement[];
}

export interface CycleResult extends Measured {
  postgres: string;
  roundTrips: { bare: CountedCycles; product: CountedCycles };
  /** Growth of all tables with their indexes and dead rows, over all cycles. */
  bytesPerHold: number;
  /** Holdpoint's holds, as the generators count them and as they are found afterwards, with their decisions and events. */
  stored: { made: number; holds: number; decided: number; events: number };
}

export async function measureCycle({ plan, log, productNodeOptions }: RowOptions): Promise<CycleResult> {
  await using running = new AsyncDisposableStack();
  const postgres = await startObservedPostgres();
  running.defer(() => postgres.remove());

  const bareUrl = await postgres.createDatabase("bare");
  await postgres.run("bare", BARE_SCHEMA);
  const bare = await startChild<{ url: string }>(BARE_SERVER, { arguments: [bareUrl, String(POOL_SIZE)] });
  running.defer(() => bare.stop());

  const store = { url: await postgres.createDatabase("product"), poolSize: POOL_SIZE };
  const product = await startProduct(store, productNodeOptions);
  running.defer(() => product.stop());

  async function start(name: string, target: Target, server?: number | "generator"): Promise<Subject> {
    const subject = await startPostgresSubject({ name, postgres, target, server });
    running.defer(() => subject.stop());
    return subject;
  }
  async function startPeer(name: "dbos" | "langgraph", type: PeerTarget["type"]): Promise<Subject> {
    const url = await postgres.createDatabase(name);
    return start(CYCLE_SUBJECTS[name], { type, url, poolSize: POOL_SIZE }, "generator");
  }
  const { url, ...principals } = product.ready;
  const overBare = await start(CYCLE_SUBJECTS.bare, { type: "http", url: bare.ready.url }, bare.pid);
  const overProduct = await start(CYCLE_SUBJECTS.product, { type: "http", url, ...principals }, product.pid);
  // The functions repeat a hold that the service made, so there must be one.
  await overProduct.drive({ clients: 1, forMs: 60_000, maxCycles: 1 });
  const subjects = [
    await start(CYCLE_SUBJECTS.statements, { type: "sql", url: bareUrl, style: "single statements" }),
    await start(CYCLE_SUBJECTS.transactions, { type: "sql", url: bareUrl, style: "transactions" }),
    await start(CYCLE_SUBJECTS.functions, { type: "functions", url: store.url, ...principals }),
    overBare,
    overProduct,
    await startPeer("dbos", "dbos approval"),
    await startPeer("langgraph", "langgraph approval"),
  ];

  async function countRoundTrips(subject: Subject, database: string): Promise<CountedCycles> {
    let cycles = 0;
    const statements = await postgres.countStatements(database, async () => {
      ({ cycles } = await subject.drive({ clients: 1, forMs: 60_000, maxCycles: plan.countedCycles }));
    });
    return { cycles, statements };
  }

  const bytesBefore = await postgres.tableBytes("product");
  const measured = await measureAll(subjects, plan, plan.clients, log);
  const holds = await postgres.readNumber("product", "select count(*) from holdpoint.holds");
  const bytesPerHold = ((await postgres.tableBytes("product")) - bytesBefore) / holds;
  const roundTrips = {
    bare: await countRoundTrips(overBare, "bare"),
    product: await countRoundTrips(overProduct, "product"),
  };
  const cyclesOf = (name: string): number => measured.cycles[name] ?? 0;
  return {
    ...measured,
    postgres: postgres.version,
    roundTrips,
    bytesPerHold,
    stored: {
      made:
        1 + cyclesOf(CYCLE_SUBJECTS.functions) + cyclesOf(CYCLE_SUBJECTS.product) + roundTrips.product.cycles,
      holds: await postgres.readNumber("product", "select count(*) from holdpoint.holds"),
      decided: await postgres.readNumber(
        "product",
        "select count(*) from holdpoint.holds where status = 'approved'",
      ),
      events: await postgres.readNumber(
        "product",
        "select count(*) from holdpoint.events where hold_id is not null",
      ),
    },
  };
}
