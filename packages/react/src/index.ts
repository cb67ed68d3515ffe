// Questions of one end user, live.
export { Questions, type QuestionsProps } from "./questions/questions.tsx";
export { useQuestions, type QuestionsClient, type QuestionsState } from "./questions/use-questions.ts";

// One question.
export { Question, type QuestionProps } from "./question/question.tsx";
export { AnswerForm, type AnswerFormProps } from "./question/answer-form.tsx";
export { AuthorizationFacts, type AuthorizationFactsProps } from "./question/authorization-part.tsx";
export { WORDING, WordingProvider, type Wording } from "./question/wording.ts";
export { answerInWords, endInWords } from "./question/wording-of-outcome.ts";
export { isSafeLink, readAsked, type Asked } from "./question/asked.ts";
export { scopeInWords } from "./question/scope-words.ts";
export { tellRefusal, type Refusal } from "./question/refusal.ts";

// Forms of a JSON Schema.
export { DraftField, type DraftFieldProps, type FormContext } from "./form/draft-field.tsx";
export { useDraftForm, type DraftFormOptions } from "./form/use-draft-form.ts";
export { forgetDrafts, useDraftText } from "./form/use-draft-text.ts";
export { ChangeList } from "./form/change-list.tsx";
export { findChanges, type Change } from "./form/changes.ts";

// Words that somebody else wrote.
export { AgentMarkdown, ModelText, PlainProse } from "./text/model-text.tsx";
export { Facts, FactValue, InlineFact } from "./text/facts.tsx";
export { Unseen } from "./text/unseen-text.tsx";
