import { readdirSync, readFileSync } from "node:fs";

/** The kernel's clock ticks a second, in which /proc counts; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  parent: number;
  /** Its own, user and system. */
  own: number;
  /** Of its children that have ended. */
  endedChildren: number;
}

/** CPU seconds that a process has used so far; undefined where there is no /proc. */
export function cpuSecondsOf(pid: number): number | undefined {
  return readTimes(pid)?.own;
}

/** CPU seconds of a process with all its children, those that have ended too: a PostgreSQL server by its postmaster. */
export function cpuSecondsOfFamily(pid: number): number | undefined {
  const head = readTimes(pid);
  if (head === undefined) return undefined;
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readTimes(Number(name)))
    .filter((times) => times?.parent === pid);
  return children.reduce((sum, times) => sum + (times?.own ?? 0), head.own + head.endedChildren);
}

/** Fields of /proc/<pid>/stat (proc(5)), counted after the name, which may hold spaces. */
function readTimes(pid: number): ProcessTimes | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined; // not Linux, or no such process any more
  }
  const fields = (text.split(") ").at(-1) ?? "").split(" ").map(Number);
  const seconds = (index: number): number => (fields[index] ?? 0) / TICKS_PER_SECOND;
  return { parent: fields[1] ?? 0, own: seconds(11) + seconds(12), endedChildren: seconds(13) + seconds(14) };
}
