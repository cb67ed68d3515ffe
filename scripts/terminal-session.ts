// Runs a command of the command line in a pseudo-terminal and keeps everything that it writes there.
import { spawn } from "@lydell/node-pty";

export interface Recording {
  /** What the program wrote, escape sequences and all, with what was typed echoed by the terminal. */
  readonly output: string;
  readonly exitCode: number;
}

export interface Session {
  file: string;
  args: readonly string[];
  cwd: string;
  env: Record<string, string | undefined>;
  columns: number;
  /** What a person types, each line when the text before it shows. */
  typed: readonly { after: string; line: string }[];
}

/** Types like a person: each line once its prompt is there. Rejects after 60 s. */
export async function recordSession(session: Session): Promise<Recording> {
  const terminal = spawn(session.file, [...session.args], {
    cols: session.columns,
    rows: 60,
    cwd: session.cwd,
    env: { ...session.env, TERM: "xterm-256color" },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Recording>();
  const rest = [...session.typed];
  let output = "";
  let seen = 0;
  terminal.onData((data) => {
    output += data;
    const next = rest[0];
    const found = next === undefined ? -1 : output.indexOf(next.after, seen);
    if (next === undefined || found === -1) return;
    rest.shift();
    seen = found + next.after.length;
    terminal.write(`${next.line}\r`);
  });
  const timer = setTimeout(() => {
    terminal.kill();
    reject(new Error(`The session did not end. It has written:\n${output}`));
  }, 60_000);
  terminal.onExit(({ exitCode }) => {
    clearTimeout(timer);
    resolve({ output, exitCode });
  });
  return promise;
}
