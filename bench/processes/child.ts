// Processes of the benchmark, and how they talk: one message when ready, then a question and its answer at a time.
//
// Owns: their lives. A child ends when its parent does (the channel closes), so none is left over.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const STOP_WITHIN_MS = 10_000;
const STDERR_KEPT = 4_000;

export interface Child<Ready, Question = never, Answer = never> {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly ready: Ready;
  /** One question at a time. Throws when the child fails or ends. */
  ask(question: Question): Promise<Answer>;
  /** Lets it end in order (a profile is written then), and waits for that. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  arguments?: readonly string[];
  /** Options of Node itself, for example `--cpu-prof`. */
  nodeOptions?: readonly string[];
}

type Reply = { type: "answer"; value: unknown } | { type: "failure"; message: string };

/** Starts a module as a process and resolves when it is ready. Throws with the end of its stderr when it ends before. */
export async function startChild<Ready, Question = never, Answer = never>(
  module: URL,
  options: ChildOptions = {},
): Promise<Child<Ready, Question, Answer>> {
  const path = fileURLToPath(module);
  const child = fork(path, options.arguments ?? [], {
    execArgv: [...(options.nodeOptions ?? [])],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  const ended = once(child, "exit").then(([code, signal]: unknown[]) => {
    throw new Error(`${path} ended (${String(code ?? signal)}).\n${stderr}`);
  });
  ended.catch(() => undefined); // whoever waits for an answer is told

  async function receive(): Promise<unknown> {
    const [reply] = (await Promise.race([once(child, "message"), ended])) as [Reply];
    if (reply.type === "failure") throw new Error(`${path}: ${reply.message}`);
    return reply.value;
  }

  const ready = (await receive()) as Ready;
  return {
    pid: child.pid ?? 0,
    ready,
    async ask(question) {
      const answer = receive();
      child.send(question as object);
      return (await answer) as Answer;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      child.disconnect();
      await exit;
      clearTimeout(timer);
    },
  };
}

export interface ChildRole<Ready, Question, Answer> {
  ready: Ready;
  answer?: (question: Question) => Promise<Answer>;
  /** Called when the parent lets go or is gone; the process ends afterwards. */
  stop: () => Promise<void>;
}

/** Within a child: tells the parent that it is ready, and answers until the parent lets go. */
export function becomeChild<Ready, Question, Answer>(role: ChildRole<Ready, Question, Answer>): void {
  async function reply(question: Question): Promise<void> {
    try {
      send({ type: "answer", value: await role.answer?.(question) });
    } catch (error) {
      send({
        type: "failure",
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  }
  async function end(): Promise<void> {
    await role.stop().catch((error: unknown) => console.error(error));
    process.exit();
  }
  process.on("message", (question) => void reply(question as Question));
  process.once("disconnect", () => void end());
  send({ type: "answer", value: role.ready });
}

function send(reply: Reply): void {
  if (process.connected) process.send?.(reply);
}
