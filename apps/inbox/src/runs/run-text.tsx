import type { Run } from "@holdpoint/protocol";
import { useEffect, useState } from "react";
import { ModelText, PlainProse } from "@holdpoint/react";
import { holdpoint } from "../service/client.ts";

/** The turn that the model is at, word by word. The finished step has it whole, so nothing of it is kept. */
export function RunText({ run }: { run: Run }) {
  const { id } = run;
  const [turn, setTurn] = useState({ step: -1, text: "" });
  useEffect(() => {
    const abort = new AbortController();
    const follow = async () => {
      for await (const event of holdpoint.runs.events(id, { signal: abort.signal })) {
        if (event.type !== "run.text") continue;
        const { step, offset, text } = event;
        setTurn((known) => ({
          step,
          text: (known.step === step ? known.text.slice(0, offset) : "") + text,
        }));
      }
    };
    // What cannot be followed shows when the step is finished.
    follow().catch(() => undefined);
    return () => abort.abort();
  }, [id]);
  const isFinished = run.steps.some((step) => step.position === turn.step && step.status !== "running");
  if (turn.text === "" || isFinished) return null;
  return (
    <ModelText label="The model is writing">
      <PlainProse text={turn.text} />
    </ModelText>
  );
}
