// Clients that keep an event stream open and wait. A process of its own.
import { connect, type Socket } from "node:net";
import { becomeChild } from "../processes/child.ts";

export type StreamOrder =
  | { type: "open"; port: number; key: string; count: number }
  /** Resolves when every client has been told of that hold. */
  | { type: "told"; holdId: string };

export interface StreamReport {
  /** Clients that have what was ordered. */
  count: number;
  /** How long it took. */
  ms: number;
}

/** Opened together: a server's queue of new connections is short. */
const AT_ONCE = 100;
const WITHIN_MS = 120_000;
const sockets: { socket: Socket; text: string }[] = [];
let look: () => void = () => undefined;

becomeChild<undefined, StreamOrder, StreamReport>({
  ready: undefined,
  answer: async (order) => {
    const startedAt = performance.now();
    if (order.type === "open") await open(order);
    else await until(() => sockets.every(({ text }) => text.includes(order.holdId)));
    const ms = performance.now() - startedAt;
    for (const one of sockets) one.text = "";
    return { count: sockets.length, ms };
  },
  stop: async () => {
    for (const { socket } of sockets) socket.destroy();
  },
});

async function open({ port, key, count }: Extract<StreamOrder, { type: "open" }>): Promise<void> {
  const request = `GET /v1/events HTTP/1.1\r\nHost: localhost:7777\r\nAuthorization: Bearer ${key}\r\n\r\n`;
  while (sockets.length < count) {
    const next = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, () => {
      const one = { socket: connect(port, "127.0.0.1"), text: "" };
      one.socket.setEncoding("latin1");
      one.socket.on("data", (text: string) => {
        one.text += text;
        look();
      });
      one.socket.on("error", (error) => {
        throw error;
      });
      one.socket.write(request);
      return one;
    });
    sockets.push(...next);
    await until(() => next.every(({ text }) => text.includes("\nid: ")));
  }
}

async function until(isReached: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error("Not every stream was told in time.")), WITHIN_MS);
  let isLooking = false;
  // Once for all that has come in this turn.
  look = () => {
    if (isLooking) return;
    isLooking = true;
    setTimeout(() => {
      isLooking = false;
      if (isReached()) resolve();
    }, 5);
  };
  look();
  await promise;
  clearTimeout(timer);
}
