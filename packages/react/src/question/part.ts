import type { JsonValue } from "@holdpoint/protocol";
import type { ReactNode } from "react";
import type { FormContext } from "../form/draft-field.tsx";

/** What every part that takes an answer is given. */
export interface PartProps {
  /** Of the question: under it what is half written survives a reload. */
  id: string;
  /** Nothing may be sent now. Buttons stay in the tab order, so that the reason can be read. */
  isDisabled: boolean;
  /** The answer is on its way. */
  isBusy: boolean;
  onAnswer: (answer: JsonValue) => void;
  /** How a form labels its fields. */
  labels: NonNullable<FormContext["labels"]>;
  /** What a form shows beside its button as the keys that press it. */
  submitHint?: ReactNode;
}
