import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CommitPoint } from "./commit-points.ts";
import type { HttpDoor } from "./http-door.ts";
import type { Command, Report } from "./mortal-service.ts";
import { runCommand, served, type Environment, type ServiceProcess } from "./service-process.ts";

const PROGRAM = fileURLToPath(new URL("./mortal-service.ts", import.meta.url));

/**
 * One service after the other on the same database: when one dies, its successor goes on.
 *
 * Owns: the living process. Does not own: the database, which outlives all of them.
 */
export class Lineage {
  readonly #env: Environment;
  /** Called between a death and the next start. */
  readonly #afterDeath: () => Promise<void>;
  readonly #questions = new Map<number, (rows: unknown[]) => void>();
  #service: ServiceProcess | undefined;
  #deadly: CommitPoint | undefined;
  #reached: CommitPoint[] = [];
  #watcher = (): void => undefined;
  deaths = 0;

  constructor(env: Environment, afterDeath: () => Promise<void>) {
    this.#env = env;
    this.#afterDeath = afterDeath;
  }

  /** The commits since the point was set, in order. */
  get reached(): readonly CommitPoint[] {
    return this.#reached;
  }

  /** True until the process has died at the point that was set. */
  get isDoomed(): boolean {
    return this.#deadly !== undefined;
  }

  /** Lets the living process die there, once; with undefined it only counts from now on. */
  async dieAt(point: CommitPoint | undefined): Promise<void> {
    const service = await this.living();
    this.#deadly = point;
    this.#reached = [];
    service.child.send({ type: "die", at: point } satisfies Command);
  }

  /** The living process, started when there is none. */
  async living(): Promise<ServiceProcess> {
    if (this.#service !== undefined) return this.#service;
    const command = runCommand(PROGRAM, [], this.#env);
    command.child.on("message", (report: Report) => this.#hear(report));
    this.#service = await served(command);
    return this.#service;
  }

  /** Asks whoever lives. A request that died with its server is repeated, as the client library does. */
  async persist<T>(ask: (door: HttpDoor) => Promise<T>): Promise<T> {
    for (;;) {
      const service = await this.living();
      try {
        return await ask(service.door);
      } catch (error) {
        // fetch tells a lost connection as a TypeError; everything else is an answer.
        if (!(error instanceof TypeError)) throw error;
        const how = await Promise.race([service.ended, delay(5_000)]);
        if (how !== "SIGKILL")
          throw new Error(`It lives, but does not answer: ${service.stderr()}`, { cause: error });
        await this.#bury();
      }
    }
  }

  /** Resolves when that commit has been made, or when the process is dead. */
  async committed(name: string, occurrence: number): Promise<void> {
    const { promise: made, resolve: isMade } = Promise.withResolvers<void>();
    const isIt = (point: CommitPoint): boolean =>
      point.name === name && point.occurrence === occurrence && point.phase === "after";
    const service = await this.living();
    this.#watcher = () => {
      if (this.#reached.some(isIt)) isMade();
    };
    this.#watcher();
    await Promise.race([made, service.ended]);
  }

  /** Looks into the database, as its owner. */
  async query<Row>(sql: string): Promise<Row[]> {
    return (await this.#ask((id) => ({ type: "query", id, sql }))) as Row[];
  }

  /** From now on every write to the disk of the embedded database fails for want of space, or none does. */
  async setDiskFull(isFull: boolean): Promise<void> {
    await this.#ask((id) => ({ type: "disk", id, isFull }));
  }

  async end(): Promise<void> {
    await this.#service?.kill();
  }

  async #ask(command: (id: number) => Command): Promise<unknown[]> {
    const service = await this.living();
    const id = this.#questions.size;
    const { promise, resolve } = Promise.withResolvers<unknown[]>();
    this.#questions.set(id, resolve);
    service.child.send(command(id));
    return promise;
  }

  #hear(report: Report): void {
    if (report.type === "rows") this.#questions.get(report.id)?.(report.rows);
    else this.#reached.push(report.point);
    this.#watcher();
  }

  async #bury(): Promise<void> {
    const words = this.#service?.stderr() ?? "";
    this.#service = undefined;
    this.deaths += 1;
    if (this.#deadly === undefined) throw new Error(`It died without being told to: ${words}`);
    this.#deadly = undefined;
    await this.#afterDeath();
  }
}
