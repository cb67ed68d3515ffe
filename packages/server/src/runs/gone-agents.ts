import type { Logger } from "pino";
import type { Registry } from "../agents/registry.ts";
import type { Database } from "../database/database.ts";
import { Trouble } from "../database/trouble.ts";
import type { Wakeups } from "../events/wakeups.ts";

/**
 * Ends runs that wait for a person and whose agent is in the config no more: nothing that anybody says could be carried out.
 *
 * Not at once: a service started with the wrong config shall not withdraw what people are asked. Until `graceMs` after the
 * start it is only said in the log; whoever sees that has time to stop the service.
 */
export interface GoneAgents {
  /** Whether the time is over in which an agent that is missing may be a mistake. */
  isOver: () => boolean;
  start(): void;
  stop(): Promise<void>;
}

export interface GoneAgentsOptions {
  database: Database;
  registry: Registry;
  wakeups: Pick<Wakeups, "publish">;
  logger: Logger;
  /** Default 10 minutes. */
  graceMs?: number | undefined;
}

const GRACE_MS = 600_000;
/** Another instance, with the agent, may have begun more. */
const LOOK_AGAIN_MS = 600_000;

export function createGoneAgents(options: GoneAgentsOptions): GoneAgents {
  const { database, registry, wakeups, logger, graceMs = GRACE_MS } = options;
  const trouble = new Trouble(logger, "Runs of agents that are gone could not be looked for.");
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isOver = false;
  let isStopped = false;

  async function look(): Promise<void> {
    const known = registry.listAgents().map(({ id }) => id);
    const gone = (await database.call("runs_of_gone_agents_v1", known, isOver)) as {
      agentId: string;
      runs: number;
    }[];
    for (const { agentId, runs } of gone)
      logger.warn(
        { agentId, runs },
        isOver
          ? `Runs of ${agentId} waited for people; they end, because the config has no such agent any more.`
          : `Runs of ${agentId} wait for people, and the config has no such agent. They end in ${Math.round(graceMs / 60_000)} minutes: stop the service if that is a mistake.`,
      );
    if (isOver && gone.length > 0) wakeups.publish(["advance"]);
  }

  function run(): void {
    running = look()
      .then(
        () => trouble.over(),
        (error: unknown) => trouble.met(error),
      )
      .then(() => {
        if (isStopped) return;
        timer = setTimeout(
          () => {
            isOver = true;
            run();
          },
          isOver ? LOOK_AGAIN_MS : graceMs,
        );
      });
  }

  return {
    isOver: () => isOver,
    start: run,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
