// Holds: what a command does to one.
export { transitionHold } from "./holds/transition-hold.ts";
export { bytesOf } from "./holds/votes.ts";
export { applyTimeout, effectiveStatus } from "./holds/timeout.ts";
export {
  transitionFulfilment,
  type FulfilmentInput,
  type FulfilmentRejection,
  type FulfilmentTransition,
} from "./holds/fulfilment.ts";
export {
  isRejection,
  type DecideCommand,
  type Effect,
  type FieldError,
  type HoldCommandInput,
  type HoldTransition,
  type NotAllowedReason,
  type Rejection,
  type SchemaCheck,
  type Winner,
} from "./holds/hold-command.ts";
export type { Decider, HeldAction, HoldState, Requester, Vote } from "./holds/hold-state.ts";

// Holds: the parts of a decision.
export {
  checkAnswer,
  EXECUTION_FINDINGS,
  type CheckedAnswer,
  type ExecutionFinding,
} from "./holds/answer.ts";
export { isSameJson, mergeModification, type Change, type Modification } from "./holds/modification.ts";
export {
  hasRole,
  isKeptOut,
  isSelfDecided,
  refusalToCancel,
  refusalToDecide,
  routeOf,
} from "./holds/right.ts";
export { FRESH_SIGN_IN_SECONDS, strengthOf } from "./holds/strength.ts";
export { titleOf, titleOfSignIn } from "./holds/title.ts";

// Routes: who may decide, when who is asked.
export {
  entitlementsOf,
  fewestPeople,
  isPerson,
  NO_DIRECTORY,
  waysOf,
  type Directory,
  type Entitlement,
  type Leaf,
  type Mandate,
  type Person,
  type RouteMoment,
  type Seat,
} from "./routes/eligibility.ts";
export { countVotes, type Ballot, type Count, type Tally, type Witness } from "./routes/quorum.ts";
export { onCall, personAt, type OnCall } from "./routes/rotation.ts";
export { addBusinessSeconds, realSeconds } from "./routes/business-hours.ts";
export {
  isWider,
  nextStepOf,
  stepsOf,
  withLadderEnd,
  type Ladder,
  type LadderStep,
  type NextStepOfHold,
  type Waiting,
} from "./routes/ladder.ts";

// Time.
export { deadlinesFor, isOverdue, TIER_TIMES, type Deadlines, type TierTimes } from "./holds/deadline.ts";
export { addSeconds, compareInstants, instantMicroseconds } from "./instant.ts";

// Runs and tool calls.
export {
  transitionRun,
  type RunEffect,
  type RunInput,
  type RunRejection,
  type RunState,
  type RunTransition,
} from "./runs/transition-run.ts";
export {
  transitionToolCall,
  type ToolCallEffect,
  type ToolCallInput,
  type ToolCallRejection,
  type ToolCallState,
  type ToolCallTransition,
} from "./tool-calls/transition-tool-call.ts";
export {
  STEP_LIMIT_OUTPUT,
  TOLD_EDITED,
  toldCancelled,
  toldNote,
  readNote,
  toldTakenOver,
  toldWithdrawn,
  toldExpired,
  toldAnswerWithheld,
  toldInvalidArguments,
  toldLeftInPart,
  toldLeftUnknown,
  toldNotAnswered,
  toldAgentEnded,
  toldNotContinued,
  toldTooDeep,
  toldNotVerified,
  toldRejected,
  toldRunEnded,
  toldSentBack,
  toldSkipped,
  toldStepLimit,
  toldSuperseded,
  toldUnknownFailed,
  toldUnknownSucceeded,
  toldUnknownTool,
  type NoAnswer,
} from "./tool-calls/told.ts";

// Policy: what may run by itself.
export type { Evaluation, PolicyFacts } from "./policies/evaluation.ts";
export { classify, type ActionFacts, type Classification, type Confirmation } from "./policies/classify.ts";
export {
  DEFAULT_ACTIONS,
  findDefaultAction,
  gateLevelFor,
  gateLevelOf,
  HIGH_VALUE,
  isHighValue,
  TIER_OF_LEVEL,
  type DefaultAction,
} from "./policies/gate-level.ts";
export { assertNever } from "./assert-never.ts";

// Policy: rules as data.
export { compilePolicy, type CompiledPolicy, type ToolFacts } from "./policies/compile-policy.ts";
export { checkPolicy, type CheckOptions } from "./policies/check-policy.ts";
export {
  backtest,
  compareEvaluations,
  summarize,
  type Backtest,
  type ChangedAction,
  type EvaluationChange,
  type PolicySummary,
  type RecordedAction,
} from "./policies/backtest.ts";
export { describeAction, type DescribedAction } from "./policies/description.ts";
export { isNarrowerRoute } from "./policies/narrower-route.ts";
export { checkConditionTypes, conditionCompiler, type Condition } from "./policies/condition.ts";
export { conditionFacts, type ConditionFacts } from "./policies/condition-facts.ts";
export { ConditionError } from "./policies/condition-limits.ts";
export { compilePattern, type LinearPattern } from "./policies/linear-pattern.ts";
export { PatternError } from "./policies/pattern-syntax.ts";
export {
  compilePreset,
  LOW_CONFIDENCE,
  PRESET_EFFECTS,
  PRESETS_NOT_TO_GATE,
  type CompiledPreset,
} from "./policies/presets.ts";
export {
  HANDLES,
  PERSONAL_NAMES,
  personalDataDetector,
  REGULATED_NAMES,
  regulatedDetector,
  type Detector,
} from "./policies/detectors.ts";

// Policy: standing permissions, and how well confidence foretells correctness.
export { grantCovers, type GrantTerms } from "./policies/grant.ts";
export { pinnedCondition } from "./policies/pinned-condition.ts";
export {
  calibrate,
  MIN_JUDGED,
  wilsonInterval,
  type Calibration,
  type CalibrationBin,
  type JudgedAction,
} from "./policies/calibration.ts";

// The tree of the audit log.
export { GrowingTree, rootOf, type FullTile, type TreeEdge } from "./audit/growing-tree.ts";
export {
  buildProof,
  planConsistency,
  planInclusion,
  planRoot,
  tilesOf,
  type ProofPlan,
  type TileReader,
} from "./audit/proof.ts";
export { formatTileIndex, parseTilePath, TILE_WIDTH, tileWidth, type TileId } from "./audit/tile.ts";

// Confidence: when a result goes to a person.
export {
  DEFAULT_STAKE,
  isBelowThreshold,
  reasonOfConfidence,
  STAKE_THRESHOLDS,
  thresholdOf,
} from "./confidence/thresholds.ts";
export {
  checkConfidence,
  parseConfidence,
  readConfidence,
  UNKNOWN_CONFIDENCE,
} from "./confidence/parse-confidence.ts";
export { agreement, normaliseAnswer } from "./confidence/agreement.ts";
export { triggeredBy, type EntityTrigger, type Triggers, type ValueTrigger } from "./confidence/triggers.ts";
