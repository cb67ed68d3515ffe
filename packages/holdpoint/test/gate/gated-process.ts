// An agent's process: executes one gated call, and hangs in it. Arguments: url, key, idempotency key, file of effects.
import { appendFileSync } from "node:fs";
import { Holdpoint } from "@holdpoint/client";

const [, , url = "", apiKey = "", idempotencyKey = "", effects = ""] = process.argv;
const gated = new Holdpoint({ url, apiKey }).gate(
  "refund",
  async ({ eur }: { order: number; eur: number }) => {
    appendFileSync(effects, `refunded ${eur}\n`);
    process.stdout.write("executing\n");
    await new Promise((resolve) => {
      setTimeout(resolve, 2 ** 30);
    });
  },
);
await gated(
  { order: 17, eur: 240 },
  { idempotencyKey, onWaiting: (hold) => void process.stdout.write(`${hold.id}\n`) },
);
