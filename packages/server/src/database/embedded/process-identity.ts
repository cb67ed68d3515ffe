import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Which process this is, so that a reused pid is not mistaken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The machine or container whose pids these are. Liveness can only be judged within one. */
  readonly place: string;
  /** When the process started, in the kernel's words; undefined where the system does not say. */
  readonly startedAt: string | undefined;
}

function readOptional<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // not Linux, or no such process
  }
}

/** Fields of /proc/<pid>/stat from the third on: the second, the name, may hold spaces. */
function readStat(pid: number): string[] | undefined {
  return readOptional(() => readFileSync(`/proc/${pid}/stat`, "utf8"))
    ?.split(") ")
    .at(-1)
    ?.split(" ");
}

/** Field 22: ticks from boot to the start of the process. */
function readStartedAt(pid: number): string | undefined {
  return readStat(pid)?.[19];
}

/** Killed, and only not yet reaped by its parent, which some containers never do. Its last thread has ended. */
function isZombie(pid: number): boolean {
  if (readStat(pid)?.[0] !== "Z") return false;
  return readOptional(() => readdirSync(`/proc/${pid}/task`).length === 1) ?? true;
}

function readPlace(): string {
  const bootId = readOptional(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const pidNamespace = readOptional(() => readlinkSync("/proc/self/ns/pid"));
  return [hostname(), bootId, pidNamespace].filter(Boolean).join(" ");
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, place: readPlace(), startedAt: readStartedAt(process.pid) };
}

/** Whether that process still runs; undefined when that cannot be judged from here: another machine or container. */
export function isAlive(identity: ProcessIdentity): boolean | undefined {
  const here = readPlace();
  if (identity.place !== here) return isFormerBoot(identity.place, here) ? false : undefined;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
  }
  if (isZombie(identity.pid)) return false;
  const startedAt = readStartedAt(identity.pid);
  return startedAt === undefined || identity.startedAt === undefined || startedAt === identity.startedAt;
}

/** The same machine before it was started again: none of its processes is left. */
function isFormerBoot(place: string, here: string): boolean {
  const [name, bootId] = place.split(" ");
  const [ownName, ownBootId] = here.split(" ");
  return name === ownName && bootId !== undefined && ownBootId !== undefined && bootId !== ownBootId;
}
