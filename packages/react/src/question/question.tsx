import type { JsonValue, OwnQuestion } from "@holdpoint/protocol";
import { useEffect, useId, type Ref } from "react";
import { forgetDrafts, useDraftText } from "../form/use-draft-text.ts";
import { Icon } from "../text/icon.tsx";
import { ModelText, PlainProse } from "../text/model-text.tsx";
import { Unseen } from "../text/unseen-text.tsx";
import { AgoTime, TimeLeft } from "../text/time.tsx";
import { AnswerForm } from "./answer-form.tsx";
import { Decline } from "./decline.tsx";
import { Press } from "./press.tsx";
import { Settled } from "./settled.tsx";
import { useAttempt } from "./use-attempt.ts";
import { useWording, WordingProvider, type Wording } from "./wording.ts";

export interface QuestionProps {
  question: OwnQuestion;
  /** Sends the answer. While its promise is pending nothing else is sent; what it rejects with is told, and the question stays. */
  onAnswer: (answer: JsonValue) => Promise<unknown> | void;
  /** Sends a no. Without it none is offered. */
  onDecline?: ((comment?: string) => Promise<unknown> | void) | undefined;
  /** Leads to the provider of an authorization. Without it the authorization is only shown. */
  onAuthorize?: (() => Promise<unknown> | void) | undefined;
  /** Nothing may be sent now. Default false. */
  isDisabled?: boolean;
  /** Words for scopes of one's own providers, by the scope. */
  scopeWords?: Readonly<Record<string, string>> | undefined;
  /** Other words for what the component says by itself. */
  words?: Partial<Wording> | undefined;
  /** Default 2. */
  headingLevel?: 2 | 3 | 4;
  headingRef?: Ref<HTMLHeadingElement>;
}

/** One question as a card: who asks, until when, and the means to answer it; once it is settled, how. */
export function Question({ words, ...props }: QuestionProps) {
  const inherited = useWording();
  const all = words === undefined ? inherited : { ...inherited, ...words };
  return (
    <WordingProvider value={all}>
      <Card {...props} />
    </WordingProvider>
  );
}

function Card(props: Omit<QuestionProps, "words">) {
  const { question, headingLevel = 2 } = props;
  const headingId = useId();
  const Heading = `h${headingLevel}` as const;
  const isOpen = question.status === "pending";
  const { id } = question;
  useEffect(() => {
    if (!isOpen) forgetDrafts(id);
  }, [id, isOpen]);
  return (
    <article className={isOpen ? "hp-question" : "hp-question hp-settled"} aria-labelledby={headingId}>
      <Heading id={headingId} className="hp-title" tabIndex={-1} ref={props.headingRef}>
        <Unseen text={question.title} />
      </Heading>
      {isOpen ? (
        <>
          <Origin question={question} />
          <Open {...props} />
        </>
      ) : (
        <Settled question={question} />
      )}
    </article>
  );
}

function Origin({ question }: { question: OwnQuestion }) {
  const words = useWording();
  const asker = question.agentName ?? question.agentId;
  return (
    <p className="hp-origin">
      {asker === null ? null : (
        <span>
          {words.askedBy} <Unseen text={asker} />
        </span>
      )}
      <AgoTime at={question.createdAt} />
      {question.expiresAt === null ? null : <TimeLeft until={question.expiresAt} />}
    </p>
  );
}

function Open(props: Omit<QuestionProps, "words">) {
  const { question, onAuthorize, onDecline } = props;
  const words = useWording();
  const attempt = useAttempt();
  const [later, setLater] = useDraftText(`later:${question.id}`);
  if (later !== "" && question.kind === "authorization") {
    return (
      <div className="hp-row">
        <span className="hp-quiet">{words.putOff}</span>
        <Press onPress={() => setLater("")}>{words.takeUp}</Press>
      </div>
    );
  }
  const { refusal } = attempt;
  return (
    <div className="hp-stack">
      {question.summary === null || question.summary === "" ? null : (
        <ModelText label={words.summary}>
          <PlainProse text={question.summary} />
        </ModelText>
      )}
      <AnswerForm
        id={question.id}
        question={question.question}
        isDisabled={props.isDisabled ?? false}
        isBusy={attempt.isBusy}
        misfits={refusal?.misfits ?? []}
        scopeWords={props.scopeWords}
        onAnswer={(answer) => attempt.make(() => props.onAnswer(answer))}
        onAuthorize={onAuthorize === undefined ? undefined : () => attempt.make(onAuthorize)}
        onLater={() => setLater("yes")}
      />
      {refusal === undefined || refusal.misfits.length > 0 ? null : (
        <div role="alert" className="hp-refusal">
          <Icon name="warning" />
          <div>
            <p className="hp-strong">{refusal.title}</p>
            {refusal.detail === "" ? null : (
              <p>
                <Unseen text={refusal.detail} isProse />
              </p>
            )}
          </div>
        </div>
      )}
      {onDecline === undefined ? null : (
        <Decline
          id={question.id}
          isBusy={attempt.isBusy || props.isDisabled === true}
          onDecline={(comment) => attempt.make(() => onDecline(comment))}
        />
      )}
    </div>
  );
}
