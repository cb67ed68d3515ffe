// P8, the audit log: what writing it costs the cycle, how far it lags behind, and how fast an export is verified.
//
// The log is written by the one instance that is elected. Where somebody else has the name and does nothing with it, the
// same service runs without writing a log; no switch is needed for that.
import { openDatabase } from "@holdpoint/server";
import { measureVerification, type Verification } from "../audit/verification.ts";
import { readEvents } from "../audit/recorded-events.ts";
import { startPostgresSubject } from "../measurement/generated-load.ts";
import { measureAll, type Measured } from "../measurement/measure-all.ts";
import { startObservedPostgres, type ObservedPostgres } from "../measurement/observed-postgres.ts";
import type { Subject } from "../measurement/subject.ts";
import { startProduct } from "../product/product.ts";
import { POOL_SIZE } from "./cycle.ts";
import type { RowOptions } from "./row-options.ts";
import { setTimeout as delay } from "node:timers/promises";

/** In the order in which they are measured. */
export const AUDIT_SUBJECTS = { without: "Holdpoint, no audit log", product: "Holdpoint" } as const;

/** From the commit of an event to the commit of its place in the log, over all events of a measurement. */
export interface Lag {
  events: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export interface AuditResult extends Measured {
  lag: Lag;
  /** Entries in the log of the one that has none. */
  entriesWithout: number;
  verification: Verification;
}

const SEQUENCER = "audit-sequencer";
const CATCH_UP_MS = 60_000;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

const UNPLACED = `
  select count(*) from holdpoint.events e
  where not exists (select from holdpoint.audit_leaves l where l.org_id = e.org_id and l.event_id = e.id)`;
const ENTRIES = "select count(*) from holdpoint.audit_leaves";
const LAG = `
  select count(*)::int as events, percentile_disc(0.5) within group (order by ms) as "p50Ms",
    percentile_disc(0.99) within group (order by ms) as "p99Ms", max(ms) as "maxMs"
  from (
    select extract(epoch from pg_xact_commit_timestamp(l.xmin) - pg_xact_commit_timestamp(e.xmin))::float8 * 1000 as ms
    from holdpoint.events e join holdpoint.audit_leaves l on l.org_id = e.org_id and l.event_id = e.id
    where e.hold_id is not null) lags`;

export async function measureAudit({ plan, log, productNodeOptions }: RowOptions): Promise<AuditResult> {
  await using running = new AsyncDisposableStack();
  // The server notes when each transaction committed: the lag is read from it afterwards.
  const postgres = await startObservedPostgres(["track_commit_timestamp=on"]);
  running.defer(() => postgres.remove());

  async function start(name: string, url: string, nodeOptions: readonly string[] = []): Promise<Subject> {
    const product = await startProduct({ url, poolSize: POOL_SIZE }, nodeOptions);
    running.defer(() => product.stop());
    readyUrls.set(name, product.ready);
    const target = { type: "http", ...product.ready } as const;
    const subject = await startPostgresSubject({ name, postgres, target, server: product.pid });
    running.defer(() => subject.stop());
    return subject;
  }
  const readyUrls = new Map<string, { url: string; operatorKey: string }>();
  const overProduct = await start(
    AUDIT_SUBJECTS.product,
    await postgres.createDatabase("product"),
    productNodeOptions,
  );
  const quietUrl = await postgres.createDatabase("without_log");
  const quiet = await openDatabase({ url: quietUrl, poolSize: 1, logger: silent });
  running.defer(() => quiet.close());
  const held = await quiet.elect(SEQUENCER, new AbortController().signal);
  running.defer(() => held.release());
  const overWithout = await start(AUDIT_SUBJECTS.without, quietUrl);

  const widest = [plan.clients.at(-1) ?? 1];
  const measured = await measureAll(
    [overWithout, overProduct],
    { ...plan, rounds: plan.auditRounds },
    widest,
    log,
  );
  await allPlaced(postgres);
  const lag = await postgres.readRow<Lag>("product", LAG);
  log(`audit log: p99 ${lag.p99Ms.toFixed(0)} ms behind, over ${lag.events} events`);
  const ready = readyUrls.get(AUDIT_SUBJECTS.product);
  if (ready === undefined) throw new Error("The service was not started.");
  const verification = await measureVerification(await readEvents(ready), plan);
  log(`${verification.entries} entries verified, ${verification.entriesPerSecond.toFixed(0)} a second`);
  return {
    ...measured,
    lag,
    entriesWithout: await postgres.readNumber("without_log", ENTRIES),
    verification,
  };
}

/** What is last in the log lags most: nothing is read before it is there. */
async function allPlaced(postgres: ObservedPostgres): Promise<void> {
  const until = performance.now() + CATCH_UP_MS;
  while ((await postgres.readNumber("product", UNPLACED)) > 0) {
    if (performance.now() > until) throw new Error("The audit log does not catch up.");
    await delay(100);
  }
}
