// The story of many people who answer in their own time, over real processes: shared by the test and the benchmark.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startService, type Environment, type ServiceProcess } from "../service-process.ts";
import type { AnsweringOrder, AnsweringReport } from "./answering-process.ts";
import { inParallel } from "./in-parallel.ts";

const CONFIG = fileURLToPath(new URL("./choices.config.ts", import.meta.url));
const ANSWERING = fileURLToPath(new URL("./answering-process.ts", import.meta.url));

export interface EverybodyOptions {
  /** How many end users, each with a run and a question of their own. */
  people: number;
  /** Processes that answer for them. */
  answering: number;
  databaseUrl: string;
  /** A folder of the caller's own. */
  folder: string;
  /** The first column of the first row, as whoever sees every row. */
  count: (sql: string) => Promise<number>;
  log?: ((line: string) => void) | undefined;
}

export interface EverybodyResult {
  people: number;
  /** Times in seconds: until all questions stood; from the first answer to the last run's end, kills included. */
  askedSeconds: number;
  answeredSeconds: number;
  /** Resident memory of an instance that has just started, in bytes: over nothing, over everybody's question. */
  memory: { none: number; all: number };
  kills: number;
  endUserIds: string[];
}

/** Everybody is asked, everybody answers in random order, and an instance is killed twice in between. */
export async function everybodyAnswers(options: EverybodyOptions): Promise<EverybodyResult> {
  const { people, count, log = () => {} } = options;
  const services = [await start(options, "one"), await start(options, "other")];
  const none = await restingMemory(services[1]);
  const endUserIds = Array.from({ length: people }, (_, index) => `person-${index}`);
  const door = (index: number) => (services[index % services.length] as ServiceProcess).door;

  const askedAt = performance.now();
  await inParallel(endUserIds, 16, async (endUserId, index) => {
    await door(index).ask("POST", "/v1/agents/clerk/runs", { body: { input: "pick", endUserId } });
  });
  await until(async () => (await count(OPEN_QUESTIONS)) === people, "every question stands");
  const askedSeconds = secondsSince(askedAt);
  log(`${people} questions stand after ${askedSeconds.toFixed(1)} s`);

  const third = await start(options, "third");
  const all = await restingMemory(third);
  await third.stop();

  const tokens = new Map<string, string>();
  await inParallel(endUserIds, 16, async (endUserId, index) => {
    const path = `/v1/end-users/${endUserId}/tokens`;
    const body = { expiresInSeconds: 3_600 };
    tokens.set(endUserId, (await door(index).ask<{ token: string }>("POST", path, { body })).token);
  });

  const answeredAt = performance.now();
  let answered = 0;
  const kills = new Set<Promise<void>>();
  const replaced = async (index: number): Promise<void> => {
    const killed = services[index] as ServiceProcess;
    await killed.kill();
    log(`${answered} have answered, instance ${index + 1} is killed`);
    services[index] = await start(options, `${index}-again`, new URL(killed.url).port);
  };
  const shuffled = endUserIds
    .map((endUserId) => ({ endUserId, token: tokens.get(endUserId) ?? "", at: Math.random() }))
    .sort((left, right) => left.at - right.at);
  await Promise.all(
    Array.from({ length: options.answering }, (_, part) =>
      answer(
        {
          urls: services.map(({ url }) => url),
          people: shuffled.filter((_person, index) => index % options.answering === part),
          width: 4,
        },
        () => {
          answered++;
          if (answered === Math.ceil(people / 3)) kills.add(replaced(0));
          if (answered === Math.ceil((2 * people) / 3)) kills.add(replaced(1));
        },
      ),
    ),
  );
  await Promise.all(kills);
  await until(async () => (await count(ENDED_RUNS)) === people, "every run has ended");
  const answeredSeconds = secondsSince(answeredAt);
  log(`${people} runs have ended after ${answeredSeconds.toFixed(1)} s`);
  for (const service of services) await service.stop();
  return { people, askedSeconds, answeredSeconds, memory: { none, all }, kills: kills.size, endUserIds };
}

const OPEN_QUESTIONS =
  "select count(*)::int from holdpoint.holds h join holdpoint.runs r on r.id = h.run_id and r.org_id = h.org_id where h.status = 'pending' and r.status = 'holding'";
const ENDED_RUNS = "select count(*)::int from holdpoint.runs where ended_at is not null";

async function start(options: EverybodyOptions, name: string, port?: string): Promise<ServiceProcess> {
  const env: Environment = {
    DATABASE_URL: options.databaseUrl,
    HOLDPOINT_CONFIG: CONFIG,
    HOLDPOINT_DATA_DIR: join(options.folder, name),
    HOLDPOINT_SECRET: "the same for all instances, as in any deployment",
    PORT: port ?? String(await freePort()),
  };
  return startService(env);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A child process per part: whoever answers is not who counts. */
async function answer(order: AnsweringOrder, onAnswer: () => void): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [ANSWERING], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  let failure: string | undefined;
  child.on("message", (report: AnsweringReport) => {
    if (report.type === "answered") onAnswer();
    else failure ??= report.why;
  });
  child.send(order);
  await once(child, "exit");
  if (failure !== undefined) throw new Error(failure);
}

/** Once it has come to rest: what it needs to start is not what waiting costs. */
async function restingMemory(service: ServiceProcess | undefined): Promise<number> {
  await delay(3_000);
  if (process.platform !== "linux") return 0;
  const status = readFileSync(`/proc/${service?.child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024;
}

/** On a machine that does much else; nothing here is meant to take a tenth of it. */
const MOST_MS = 900_000;

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + MOST_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`It does not come about that ${what}.`);
    await delay(200);
  }
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1_000;
}
