import { appendFile, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";

export interface Notification {
  to: string;
  userId: number;
  message: string;
  idempotencyKey: string;
}

/** The file that stands for the mail service: in the data folder, one JSON object a line. */
export function outboxPath(): string {
  return resolve(process.env["HOLDPOINT_DATA_DIR"] ?? ".holdpoint", "outbox.jsonl");
}

export async function appendNotification(path: string, notification: Notification): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, `${JSON.stringify({ sentAt: new Date().toISOString(), ...notification })}\n`);
}
