import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { LogVerifier, parseVerifierKey, type VerifiedLog } from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { CommandError, EXIT, exitCodeOf, UsageError } from "../exit-code.ts";
import { printable } from "../terminal/printable.ts";
import { readKnownCheckpoints } from "./known-checkpoints.ts";
import { nativeHasher } from "./native-hasher.ts";
import { readLog, type LogSource, type Verdict } from "./read-log.ts";

export interface VerifyOptions extends OnlineOptions {
  checkpoint?: string;
  key?: string[];
}

/** Verifies an exported log, or the log of a server. Exit code 0 only when everything fits. */
export async function verify(
  context: Context,
  file: string | undefined,
  options: VerifyOptions,
): Promise<number> {
  const keys = options.key?.map(parseKey);
  const checkpoints = options.checkpoint === undefined ? [] : await readKnownCheckpoints(options.checkpoint);
  const verifier = new LogVerifier({ hasher: nativeHasher, keys, checkpoints });
  const given = { isPinned: keys !== undefined, isCompared: checkpoints.length > 0 };
  if (file !== undefined) {
    const verdict = await readLog(context.world, verifier, await fromFile(context, file));
    return conclude(context, { verdict, findings: [], ...given }, options);
  }
  const source = await fromServer(context, options).catch((error: unknown) => error);
  if (source instanceof Error) return concludeUnsigned(context, source, options);
  const verdict = await readLog(context.world, verifier, source as LogSource);
  const findings = await askServer(context, options).catch((error: unknown) => {
    // Not everybody may ask it; what the log itself shows is told all the same.
    if (options.json !== true) tell(context, { verdict, findings: [], ...given });
    throw error;
  });
  return conclude(context, { verdict, findings, ...given }, options);
}

function conclude(context: Context, telling: Telling, options: VerifyOptions): number {
  const { verdict, findings } = telling;
  const isGood = "log" in verdict && findings.length === 0;
  if (options.json === true) context.console.json({ ok: isGood, ...renderVerdict(verdict), findings });
  else tell(context, telling);
  return isGood ? EXIT.ok : EXIT.other;
}

/** Nothing to fetch, which is right for a service where nothing has happened; not where events wait for their place. */
async function concludeUnsigned(context: Context, why: Error, options: VerifyOptions): Promise<number> {
  if (exitCodeOf(why) !== EXIT.notFound) throw why;
  const findings = await askServer(context, options);
  if (findings.length === 0) throw why;
  if (options.json === true) context.console.json({ ok: false, findings });
  else tellFindings(context, findings);
  return EXIT.other;
}

function parseKey(text: string): ReturnType<typeof parseVerifierKey> {
  try {
    return parseVerifierKey(text);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function fromFile({ world }: Context, file: string): Promise<LogSource> {
  if (file === "-") return { chunks: world.stdin, bytes: undefined };
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const chunks = createReadStream(file, { highWaterMark: 1_048_576 });
  return { chunks: readable(file, chunks), bytes: found.size };
}

/** No right to read it, a folder, a disk that fails: told as what it is. */
async function* readable(file: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): CommandError {
  return new CommandError(
    `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
  );
}

async function fromServer(context: Context, options: OnlineOptions): Promise<LogSource> {
  const client = await context.connect(options);
  return { chunks: await client.audit.log(), bytes: undefined };
}

interface Finding {
  kind: string;
  message: string;
}

/** What an export cannot show: events that never got a place, and tiles. */
async function askServer(context: Context, options: OnlineOptions): Promise<Finding[]> {
  const client = await context.connect(options);
  const { findings } = await client.request<{ findings: Finding[] }>("GET", "/v1/audit/check", {
    timeoutMs: 600_000,
  });
  return findings;
}

function renderVerdict(verdict: Verdict): object {
  if ("fault" in verdict) {
    const { fault, message, line, index } = verdict.fault;
    return { fault, message, line, index: index ?? null };
  }
  const { header, checkpoint, ...counts } = verdict.log;
  return {
    origin: header.origin,
    keys: header.keys,
    size: checkpoint.size,
    filter: header.filter,
    ...counts,
  };
}

interface Telling {
  verdict: Verdict;
  findings: readonly Finding[];
  isPinned: boolean;
  isCompared: boolean;
}

function tell(context: Context, { verdict, findings, isPinned, isCompared }: Telling): void {
  const { console } = context;
  const style = console.dataStyle;
  const bad = style.danger("does not fit");
  if ("fault" in verdict)
    console.data(`${bad}  line ${verdict.fault.line}: ${printable(verdict.fault.message)}`);
  else tellGood(console, verdict.log, { isPinned, isCompared });
  tellFindings(context, findings);
}

function tellFindings({ console }: Context, findings: readonly Finding[]): void {
  const bad = console.dataStyle.danger("does not fit");
  for (const { message } of findings) console.data(`${bad}  ${printable(message)}`);
}

function tellGood(
  console: Context["console"],
  log: VerifiedLog,
  { isPinned, isCompared }: Pick<Telling, "isPinned" | "isCompared">,
): void {
  const { header, checkpoint } = log;
  const count = (value: number): string => value.toLocaleString("en");
  const what =
    header.filter === null
      ? `${count(log.entries)} entries`
      : `${count(log.entries)} of ${count(checkpoint.size)} entries`;
  console.data(`${console.dataStyle.good("fits")}  ${what} of ${printable(header.origin)}`);
  if (log.erasedEntries > 0) {
    console.data(`      ${count(log.erasedEntries)} of them without what was erased from them`);
  }
  const older = log.checkpointsInFile;
  if (older > 0)
    console.data(`      ${count(older)} older checkpoint${older === 1 ? "" : "s"} in the file fit`);
  if (isCompared) console.data(`      ${count(log.checkpointsElsewhere)} checkpoints kept elsewhere fit`);
  if (header.filter !== null) {
    console.say(
      "A part shows that its entries are in the log, not that there are no others: for that, the whole.",
    );
  }
  if (!isPinned) {
    console.say(
      `Signed by a key that the log itself names. Compare it with the one you know, or give --key:`,
    );
    for (const key of header.keys) console.say(`  ${printable(key)}`);
  }
  if (!isCompared) {
    console.say(
      "Only --checkpoint, with one that was kept elsewhere, shows that nothing was cut off or written anew.",
    );
  }
}
