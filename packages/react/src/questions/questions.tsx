import { HoldpointApiError } from "@holdpoint/client";
import type { OwnQuestion } from "@holdpoint/protocol";
import { useRef, useState, type ReactNode } from "react";
import { Icon } from "../text/icon.tsx";
import { Press } from "../question/press.tsx";
import { Question, type QuestionProps } from "../question/question.tsx";
import { tellRefusal } from "../question/refusal.ts";
import { endInWords } from "../question/wording-of-outcome.ts";
import { useQuestions, type QuestionsClient } from "./use-questions.ts";

export interface QuestionsProps extends Pick<QuestionProps, "words" | "scopeWords" | "headingLevel"> {
  client: QuestionsClient;
  /** Where the person goes to sign in at a provider. Default a new tab, so that this page stays. */
  openProvider?: ((url: string) => void) | undefined;
  /** Shown instead of what this component says when the person is not known any more (401). */
  signedOut?: ReactNode;
}

/** All questions of one end user, live: open ones to be answered, then what was asked before. */
export function Questions(props: QuestionsProps) {
  const { client, words, scopeWords, headingLevel = 2 } = props;
  const state = useQuestions(client);
  const [said, setSaid] = useState("");
  const headings = useRef(new Map<string, HTMLElement>());
  const end = useRef<HTMLHeadingElement>(null);
  const Heading = `h${headingLevel}` as const;

  const settled = (question: OwnQuestion) => {
    const left = state.openCount - 1;
    setSaid(`${endInWords(question)}. ${left === 0 ? "Nothing else is open." : `${left} left.`}`);
    const next = state.questions.find(({ id, status }) => status === "pending" && id !== question.id);
    // Once it is drawn: the last answer brings the heading that says so.
    requestAnimationFrame(() => moveFocus(next === undefined ? end.current : headings.current.get(next.id)));
  };
  const openProvider = async (id: string) => {
    if (props.openProvider !== undefined) return props.openProvider((await state.authorize(id)).url);
    // Opened at once: after the wait for the address a browser takes it for a pop-up.
    const tab = window.open("about:blank", "_blank");
    if (tab !== null) tab.opener = null;
    try {
      const { url } = await state.authorize(id);
      if (tab === null) window.location.assign(url);
      else tab.location.replace(url);
    } catch (error) {
      tab?.close();
      throw error;
    }
  };

  if (isSignedOut(state.error) && props.signedOut !== undefined) return props.signedOut;
  if (state.status === "reading") return <p className="hp-quiet">Reading…</p>;
  if (state.status === "failed") return <Failed error={state.error} onRetry={state.reload} />;
  return (
    <div className="hp-questions">
      <p role="status" className="hp-for-ears">
        {said}
      </p>
      {state.connection === "away" ? (
        <p className="hp-away" role="status">
          <Icon name="warning" /> Not connected. What you see may be old; it comes back by itself.
        </p>
      ) : null}
      {state.questions.map((question) => (
        <Question
          key={question.id}
          question={question}
          words={words}
          scopeWords={scopeWords}
          headingLevel={headingLevel}
          headingRef={(element) => {
            if (element === null) headings.current.delete(question.id);
            else headings.current.set(question.id, element);
          }}
          onAnswer={async (answer) => settled(await state.answer(question.id, answer))}
          onDecline={async (comment) => settled(await state.decline(question.id, comment))}
          onAuthorize={() => openProvider(question.id)}
        />
      ))}
      {state.openCount > 0 ? null : (
        <section className="hp-empty">
          <Heading ref={end} tabIndex={-1} className="hp-title">
            {state.questions.length + state.earlier.length === 0 ? "Nothing has been asked yet" : "All done"}
          </Heading>
          <p>
            {state.questions.length + state.earlier.length === 0
              ? "When an agent needs something from you, it appears here by itself."
              : "Nothing waits for you. New questions appear here by themselves."}
          </p>
        </section>
      )}
      {state.earlier.length === 0 ? null : (
        <section className="hp-earlier" aria-label="Before">
          <Heading className="hp-label">Before</Heading>
          {state.earlier.map((question) => (
            <Question
              key={question.id}
              question={question}
              words={words}
              headingLevel={headingLevel === 4 ? 4 : ((headingLevel + 1) as 3 | 4)}
              onAnswer={() => undefined}
            />
          ))}
        </section>
      )}
    </div>
  );
}

function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { title, detail } = tellRefusal(error);
  return (
    <div role="alert" className="hp-refusal">
      <Icon name="warning" />
      <div>
        <p className="hp-strong">{title}</p>
        <p>{detail}</p>
        <div className="hp-row">
          <Press onPress={onRetry}>Try again</Press>
        </div>
      </div>
    </div>
  );
}

function isSignedOut(error: unknown): boolean {
  return HoldpointApiError.isInstance(error) && error.status === 401;
}

function moveFocus(element: HTMLElement | null | undefined): void {
  element?.focus({ preventScroll: true });
  element?.scrollIntoView({ block: "nearest" });
}
