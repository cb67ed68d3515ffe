import { HoldpointApiError } from "@holdpoint/client";
import type { OpenedLink } from "@holdpoint/protocol";
import { tellRefusal } from "@holdpoint/react";
import { useCallback, useEffect, useRef, useState, type SubmitEvent } from "react";
import { questions } from "./client.ts";
import { Notice } from "./notice.tsx";

const ENDED: Readonly<Record<Exclude<OpenedLink["status"], "waiting" | "bound">, [string, string]>> = {
  taken: [
    "This link works on another device",
    "It was opened there first, and works on that device alone. To answer here, ask for a new link.",
  ],
  ended: ["This link works no more", "A wrong code was given too often. Ask whoever sent it for a new one."],
  revoked: ["This link works no more", "It was taken back. Ask whoever sent it for a new one."],
  expired: ["This link is too old", "Its time is over. Ask whoever sent it for a new one."],
};

/** First opening of a link: nothing happens until somebody brings the code that came with it. */
export function OpenLink({ link, onOpened }: { link: string; onOpened: () => void }) {
  const [opened, setOpened] = useState<OpenedLink>();
  const [error, setError] = useState<unknown>();
  const find = useCallback(async () => {
    try {
      setError(undefined);
      const found = await questions.findLink(link);
      if (found.status === "bound") onOpened();
      else setOpened(found);
    } catch (failure) {
      setError(failure);
    }
  }, [link, onOpened]);
  const isAsked = useRef(false);
  useEffect(() => {
    if (isAsked.current) return;
    isAsked.current = true;
    void find();
  }, [find]);

  if (error !== undefined) return <Unreadable error={error} onRetry={() => void find()} />;
  if (opened === undefined) return <p className="hp-quiet">Reading…</p>;
  if (opened.status === "bound") return null;
  if (opened.status === "waiting")
    return <CodeForm link={link} onOpened={onOpened} onEnded={() => void find()} />;
  const [title, words] = ENDED[opened.status];
  return (
    <Notice title={title}>
      <p>{words}</p>
    </Notice>
  );
}

function Unreadable({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (error instanceof HoldpointApiError && error.status === 404) {
    return (
      <Notice title="There is no such link">
        <p>Part of it may be missing. Open it again from the message, or ask for a new one.</p>
      </Notice>
    );
  }
  const { title, detail } = tellRefusal(error);
  return (
    <Notice title={title}>
      <p>{error instanceof HoldpointApiError ? detail : "The questions could not be read."}</p>
      <button type="button" className="hp-button" onClick={onRetry}>
        Try again
      </button>
    </Notice>
  );
}

function CodeForm(props: { link: string; onOpened: () => void; onEnded: () => void }) {
  const [code, setCode] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const send = async () => {
    if (isBusy) return;
    setIsBusy(true);
    setProblem(undefined);
    try {
      await questions.openLink(props.link, code.trim());
      props.onOpened();
    } catch (error) {
      const isOver = error instanceof HoldpointApiError && ["link_ended", "link_taken"].includes(error.code);
      if (isOver) props.onEnded();
      else setProblem(problemOf(error));
      setIsBusy(false);
      field.current?.select();
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (code.trim() === "") setProblem("Write the code that stands in the message.");
    else void send();
  };
  return (
    <Notice title="Which code came with the link?">
      <p>
        It stands in the same message. From then on this device, and no other, can show and answer your
        questions.
      </p>
      <form noValidate onSubmit={submit}>
        <label htmlFor="code" className="hp-field-label">
          Code
        </label>
        <input
          id="code"
          ref={field}
          className="hp-input code"
          value={code}
          maxLength={40}
          autoComplete="one-time-code"
          autoCapitalize="characters"
          autoCorrect="off"
          spellCheck={false}
          aria-describedby="code-problem"
          aria-invalid={problem !== undefined}
          onChange={(event) => setCode(event.target.value)}
        />
        <p id="code-problem" className="hp-problem" role="alert">
          {problem}
        </p>
        <button type="submit" className="hp-button hp-button-main" aria-busy={isBusy || undefined}>
          {isBusy ? "Opening…" : "Open my questions"}
        </button>
      </form>
    </Notice>
  );
}

function problemOf(error: unknown): string {
  if (error instanceof HoldpointApiError && error.code === "wrong_code") {
    const left = error.problem["attemptsLeft"];
    if (typeof left !== "number") return "That is not the code.";
    return `That is not the code. ${left === 1 ? "One more attempt" : `${left} more attempts`}, then the link ends.`;
  }
  const { title, detail } = tellRefusal(error);
  return error instanceof HoldpointApiError
    ? `${title}. ${detail}`
    : "No connection. Press again once you are connected.";
}
