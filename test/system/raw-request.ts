import { connect } from "node:net";

export interface RawAnswer {
  /** Undefined when the connection was closed without one. */
  status: number | undefined;
  /** Lower-case, as they came. */
  head: string;
  body: string;
}

/** Sends bytes that no HTTP library would, and comes back with what was answered when the connection is closed. */
export async function sendRaw(url: string, bytes: string | readonly string[]): Promise<RawAnswer> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (text) => void (answer += String(text)));
  // A server that has refused may close before it has read everything.
  socket.on("error", () => undefined).on("close", () => resolve(answer));
  for (const part of typeof bytes === "string" ? [bytes] : bytes) socket.write(part);
  const [head = "", ...rest] = (await promise).split("\r\n\r\n");
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  return {
    status: status === undefined ? undefined : Number(status),
    head: head.toLowerCase(),
    body: rest.join("\r\n\r\n"),
  };
}
