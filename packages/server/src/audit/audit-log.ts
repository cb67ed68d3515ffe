import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";
import type { Secret } from "../identity/secret.ts";
import type { CheckpointDestination } from "./checkpoint-exports.ts";
import { CheckpointFile } from "./checkpoint-file.ts";
import { CheckpointSigner } from "./checkpoint-signer.ts";
import { CheckpointWebhook, type CheckpointWebhookOptions } from "./checkpoint-webhook.ts";
import { createSequencer, type Sequencer } from "./sequencer.ts";
import type { SequencerFaults } from "./sequencer-term.ts";

/** Where checkpoints are kept besides the database. */
export interface CheckpointPlaces {
  /** A file that only grows. */
  file?: string | undefined;
  /** An address that they are sent to. */
  webhook?: CheckpointWebhookOptions | undefined;
}

export interface AuditLogOptions {
  database: Database;
  wakeups: Wakeups;
  secret: Secret;
  logger: Logger;
  checkpoints?: CheckpointPlaces | undefined;
  faults?: SequencerFaults | undefined;
}

/** The audit log of a service: what writes and signs it. */
export interface AuditLog extends Sequencer {
  readonly signer: CheckpointSigner;
}

/** Nothing runs until `start`. */
export function createAuditLog({ secret, checkpoints, ...options }: AuditLogOptions): AuditLog {
  const signer = new CheckpointSigner(secret);
  const sequencer = createSequencer({ ...options, signer, destinations: destinationsOf(checkpoints) });
  return { signer, start: () => sequencer.start(), stop: () => sequencer.stop() };
}

function destinationsOf({ file, webhook }: CheckpointPlaces = {}): CheckpointDestination[] {
  return [
    ...(file === undefined ? [] : [new CheckpointFile(file)]),
    ...(webhook === undefined ? [] : [new CheckpointWebhook(webhook)]),
  ];
}
