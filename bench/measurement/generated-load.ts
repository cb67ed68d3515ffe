import type { Load } from "../load/latencies.ts";
import type { LoadOrder, Target } from "../load/target.ts";
import { startChild } from "../processes/child.ts";
import { cpuSecondsOf, cpuSecondsOfFamily } from "./cpu-seconds.ts";
import type { ObservedPostgres } from "./observed-postgres.ts";
import type { Subject } from "./subject.ts";

const GENERATOR = new URL("../load/generator.ts", import.meta.url);

export interface PostgresSubjectOptions {
  name: string;
  postgres: ObservedPostgres;
  target: Target;
  /** The process that serves, where there is one beside the database; "generator" when it serves itself. */
  server?: number | "generator" | undefined;
}

/** Starts the load generator for something that works on the PostgreSQL server. */
export async function startPostgresSubject(options: PostgresSubjectOptions): Promise<Subject> {
  const { name, postgres, server } = options;
  const generator = await startGenerator(options.target);
  return {
    name,
    drive: (order) => generator.ask(order),
    settle: () => postgres.checkpoint(),
    cpuSeconds: () => ({
      server:
        server === undefined ? undefined : cpuSecondsOf(server === "generator" ? generator.pid : server),
      database: cpuSecondsOfFamily(postgres.pid),
      generator: server === "generator" ? undefined : cpuSecondsOf(generator.pid),
    }),
    walBytes: () => postgres.walBytes(),
    stop: () => generator.stop(),
  };
}

export interface EmbeddedSubjectOptions {
  name: string;
  target: Target;
  /** The process that has PGlite in it. Absent: the generator itself has. */
  serverPid?: number | undefined;
}

/** Starts the load generator for something that works on PGlite, which has no server beside it. */
export async function startEmbeddedSubject({
  name,
  target,
  serverPid,
}: EmbeddedSubjectOptions): Promise<Subject> {
  const generator = await startGenerator(target);
  return {
    name,
    drive: (order) => generator.ask(order),
    settle: async () => {},
    cpuSeconds: () => ({
      server: cpuSecondsOf(serverPid ?? generator.pid),
      generator: serverPid === undefined ? undefined : cpuSecondsOf(generator.pid),
    }),
    walBytes: async () => undefined,
    stop: () => generator.stop(),
  };
}

function startGenerator(target: Target) {
  return startChild<undefined, LoadOrder, Load>(GENERATOR, { arguments: [JSON.stringify(target)] });
}
