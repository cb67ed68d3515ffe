import { lazy, Suspense, type ReactNode } from "react";
import { visible } from "./unseen.ts";
import { Unseen } from "./unseen-text.tsx";

const MAX_LENGTH = 20_000;

// Most of a first visit needs no Markdown; plain text stands in until it is here, and for good where the network is lost just
// then: nobody's page breaks for the sake of its looks.
const Markdown = lazy(async () => ({
  default: await import("./markdown.tsx").then(
    (module) => module.Markdown,
    () => PlainProse,
  ),
}));

/** Words of the model or of whoever asks, set off and labelled: they are a claim, never a fact (I13). */
export function ModelText({ label, children }: { label: string; children: ReactNode }) {
  return (
    <figure className="hp-model-text">
      <figcaption className="hp-label">{label}</figcaption>
      {children}
    </figure>
  );
}

/** Markdown without HTML, images or live addresses; what is too long is cut, and says so. */
export function AgentMarkdown({ text }: { text: string }) {
  const shown = text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH).toWellFormed() : text;
  return (
    <div className="hp-prose">
      <Suspense fallback={<PlainProse text={shown} />}>
        <Markdown text={visible(shown, { isProse: true })} />
      </Suspense>
      {shown === text ? null : (
        <p className="hp-quiet">
          Cut here: {text.length - shown.length} more characters are in the raw form.
        </p>
      )}
    </div>
  );
}

export function PlainProse({ text }: { text: string }) {
  return (
    <p className="hp-plain-prose">
      <Unseen text={text} isProse />
    </p>
  );
}
