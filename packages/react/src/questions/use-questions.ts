import type { HoldpointQuestions } from "@holdpoint/client/questions";
import type { AuthorizeAnswer, JsonValue, OwnQuestion } from "@holdpoint/protocol";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import {
  afterReading,
  currentOf,
  earlierOf,
  EMPTY_BOOK,
  withQuestions,
  type QuestionBook,
} from "./question-book.ts";

/** What of the client the hook needs. */
export type QuestionsClient = Pick<
  HoldpointQuestions,
  "list" | "page" | "answer" | "decline" | "authorize" | "events"
>;

export interface QuestionsState {
  /** Open ones, oldest first, and those that were settled during this visit, each still in its place. */
  questions: readonly OwnQuestion[];
  /** Those that were settled before this visit, the last one first. */
  earlier: readonly OwnQuestion[];
  /** How many wait for an answer. */
  openCount: number;
  /** `reading` until the first answer of the service; `failed` when there was none, see `error`. */
  status: "reading" | "ready" | "failed";
  /** `away`: what is shown may be old. It comes back by itself. */
  connection: "connecting" | "live" | "away";
  error: unknown;
  /** Each is settled once the service has said so, and rejects with its refusal. */
  answer: (id: string, answer: JsonValue) => Promise<OwnQuestion>;
  decline: (id: string, comment?: string) => Promise<OwnQuestion>;
  /** Where the browser goes to sign in at the provider. Ask when the button is pressed; it lasts minutes. */
  authorize: (id: string) => Promise<AuthorizeAnswer>;
  /** Reads everything anew. */
  reload: () => void;
}

const EARLIER = 20;
/** After a refusal, which waiting does not mend as it mends a broken line. */
const REFUSED_MS = 10_000;

/** One end user's questions, live. The client must stay the same one from render to render. */
export function useQuestions(client: QuestionsClient): QuestionsState {
  const [book, change] = useReducer(
    (known: QuestionBook, how: (known: QuestionBook) => QuestionBook) => how(known),
    EMPTY_BOOK,
  );
  const [error, setError] = useState<unknown>();
  const [connection, setConnection] = useState<QuestionsState["connection"]>("connecting");
  const reading = useRef<AbortController>(undefined);
  const shown = useRef(book);
  useEffect(() => {
    shown.current = book;
  });

  const reload = useCallback(() => {
    reading.current?.abort();
    const stop = new AbortController();
    reading.current = stop;
    const before = shown.current;
    const read = async () => {
      const open: OwnQuestion[] = [];
      for await (const question of client.list({ status: "open", limit: 100, signal: stop.signal }))
        open.push(question);
      const decided = await client.page({ status: "decided", limit: EARLIER, signal: stop.signal });
      if (stop.signal.aborted) return;
      change((known) => afterReading(known, before, { open, decided: decided.data }));
      setError(undefined);
    };
    read().catch((failure: unknown) => {
      if (!stop.signal.aborted) setError(failure);
    });
  }, [client]);

  useEffect(() => {
    const stop = new AbortController();
    const follow = async () => {
      const events = client.events({
        signal: stop.signal,
        maxReconnectMs: 5_000,
        onOpen: () => {
          setConnection("live");
          // Between the last reading and this moment something may have happened.
          reload();
        },
        onReconnect: () => setConnection("away"),
      });
      for await (const event of events) {
        if ("data" in event) change((known) => withQuestions(known, [event.data]));
      }
    };
    const keepFollowing = async () => {
      while (!stop.signal.aborted) {
        try {
          await follow();
        } catch (failure) {
          setConnection("away");
          setError((known: unknown) => known ?? failure);
        }
        if (!stop.signal.aborted) await pause(REFUSED_MS, stop.signal);
      }
    };
    reload();
    void keepFollowing();
    return () => {
      stop.abort();
      reading.current?.abort();
    };
  }, [client, reload]);

  const settle = async (sending: Promise<OwnQuestion>) => {
    try {
      const question = await sending;
      change((known) => withQuestions(known, [question]));
      return question;
    } catch (failure) {
      // Whoever was faster, or the clock, has settled it: what is on the screen is read again.
      reload();
      throw failure;
    }
  };
  const questions = currentOf(book);
  return {
    questions,
    earlier: earlierOf(book),
    openCount: questions.filter(({ status }) => status === "pending").length,
    status: book.isRead ? "ready" : error === undefined ? "reading" : "failed",
    connection,
    error,
    answer: (id, answer) => settle(client.answer(id, answer)),
    decline: (id, comment) => settle(client.decline(id, comment)),
    authorize: (id) => client.authorize(id),
    reload,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
