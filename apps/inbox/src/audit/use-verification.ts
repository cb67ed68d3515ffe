import type { AuditScope } from "@holdpoint/client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { holdpoint } from "../service/client.ts";
import { meQuery } from "../service/queries.ts";
import { fetchModule } from "../service/fetch-module.ts";
import { PageRefusal } from "../service/problem.ts";
import { announce } from "../shell/announcer.tsx";
import { forgetKept, keep, readKept, type KeptCheckpoint } from "./kept-checkpoint.ts";
import type { FaultyEntry } from "./verify-log.ts";

export type Verification =
  | { state: "idle" }
  | { state: "reading"; entries: number; size: number | undefined }
  | {
      state: "fits";
      entries: number;
      erasedEntries: number;
      /** Of the log that the checkpoint is of. */
      size: number;
      keys: readonly string[];
      isWhole: boolean;
      /** What this browser had kept, and the log fits. */
      kept: KeptCheckpoint | undefined;
    }
  | { state: "fault"; message: string; entry: FaultyEntry | undefined; kept: KeptCheckpoint | undefined }
  | { state: "error"; error: unknown };

/** A screen draws no faster than people read numbers. */
const TOLD_EVERY_MS = 100;

/** Verifies the log here, in this browser. `scope` is a hold, a run, a session, or nothing for the whole. */
export function useVerification(scope: AuditScope) {
  const { data: me } = useQuery(meQuery);
  const [verification, setVerification] = useState<Verification>({ state: "idle" });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const verify = async (orgId: string) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const { signal } = controller;
    setVerification({ state: "reading", entries: 0, size: undefined });
    let toldAt = 0;
    const onProgress = (entries: number, size: number | undefined) => {
      if (performance.now() - toldAt < TOLD_EVERY_MS || signal.aborted) return;
      toldAt = performance.now();
      setVerification({ state: "reading", entries, size });
    };
    let result: Verification;
    try {
      result = await read(scope, { orgId, signal, onProgress });
    } catch (error) {
      result = { state: "error", error };
    }
    if (signal.aborted) return;
    setVerification(result);
    if (result.state === "fits") announce("Verified: everything fits.");
    if (result.state === "fault") announce("Something does not fit.");
  };

  return {
    verification,
    /** Undefined until it is known whose log this is. */
    start: me === undefined ? undefined : () => void verify(me.orgId),
    /** Also forgets what this browser kept. */
    startAnew:
      me === undefined
        ? undefined
        : () => {
            forgetKept(me.orgId);
            void verify(me.orgId);
          },
    cancel: () => {
      running.current?.abort();
      setVerification({ state: "idle" });
    },
  };
}

interface ReadOptions {
  orgId: string;
  signal: AbortSignal;
  onProgress: (entries: number, size: number | undefined) => void;
}

async function read(scope: AuditScope, { orgId, signal, onProgress }: ReadOptions): Promise<Verification> {
  // Signatures are checked by the browser itself, which only does so where nobody could have changed this page.
  if (!window.isSecureContext) {
    throw new PageRefusal(
      "This browser cannot verify it here",
      "It checks signatures only on pages that come over https, or from this machine. Export the log and use `npx holdpoint audit verify` instead.",
    );
  }
  // The verifier must not even try to make code out of text: the policy would report it.
  (globalThis as { __zod_globalConfig?: { jitless?: boolean } }).__zod_globalConfig = { jitless: true };
  const { verifyLog } = await fetchModule(() => import("./verify-log.ts"));
  const kept = readKept(orgId);
  const stream = await holdpoint.audit.log(scope, { signal });
  const verdict = await verifyLog(stream, {
    checkpoints: kept === undefined ? [] : [kept.note],
    onProgress,
    signal,
  });
  if (!verdict.fits) return { state: "fault", message: verdict.message, entry: verdict.entry, kept };
  const { log, note } = verdict;
  const isWhole = log.header.filter === null;
  if (isWhole) keep(orgId, { note, size: log.checkpoint.size, at: new Date().toISOString() });
  return {
    state: "fits",
    entries: log.entries,
    erasedEntries: log.erasedEntries,
    size: log.checkpoint.size,
    keys: signersOf(note),
    isWhole,
    kept: log.checkpointsElsewhere > 0 ? kept : undefined,
  };
}

/** Who signed, as the note names it, shortened: the name and the id of the key. */
function signersOf(note: string): string[] {
  return [...note.matchAll(/^\u2014 (\S+) (\S+)$/gm)].map(([, name = "", signature = ""]) => {
    const id = Array.from(atob(signature).slice(0, 4), (byte) =>
      (byte.codePointAt(0) ?? 0).toString(16).padStart(2, "0"),
    );
    return `${name}+${id.join("")}`;
  });
}
