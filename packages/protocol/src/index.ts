// Values: what JSON can carry safely, and hashes over it.
export { canonicalJson } from "./canonical-json.ts";
export {
  formatPath,
  isJsonObject,
  JsonValueError,
  parseJson,
  toJsonObject,
  toJsonValue,
  type JsonObject,
  type JsonValue,
} from "./json-value.ts";
export { isSha256, SHA256_PATTERN, sha256Of, type Sha256 } from "./sha256.ts";
export { actionHash, type ActionIdentity } from "./action-hash.ts";
export { toolHash, type ToolIdentity } from "./tool-hash.ts";

// Ids.
export {
  createId,
  ID_PREFIXES,
  idPrefix,
  idTime,
  isId,
  type CreateIdOptions,
  type Id,
  type IdPrefix,
} from "./id.ts";

// Names that people misspell.
export { didYouMean, nearestName } from "./nearest-name.ts";
export { membersAt } from "./members-at.ts";

// Errors.
export { HoldpointError, type HoldpointErrorOptions } from "./error.ts";

// Words, and what is legal when.
export {
  DECIDES_FOR,
  FULFILMENTS,
  HOLD_KINDS,
  HOLD_STATUSES,
  IMPACTS,
  ON_TIMEOUT,
  REVERSIBILITIES,
  ROLES,
  RUN_STATUSES,
  DECIDING_ROLES,
  GATE_LEVELS,
  SEPARATIONS,
  STRENGTHS,
  TIERS,
  TOOL_CALL_STATUSES,
  VERDICTS,
  type Fulfilment,
  type GateLevel,
  type HoldKind,
  type HoldStatus,
  type Impact,
  type OnTimeout,
  type Reversibility,
  type Role,
  type RunStatus,
  type Separation,
  type Strength,
  type Tier,
  type ToolCallStatus,
  type Verdict,
} from "./legality.ts";
export {
  allowedVerdicts,
  FULFILMENT_COMMANDS,
  FULFILMENT_LEGALITY,
  HOLD_COMMANDS,
  HOLD_LEGALITY,
  isTerminalFulfilment,
  isTerminalHold,
  isTerminalRun,
  isTerminalToolCall,
  nextHoldStatus,
  nextStatus,
  RUN_COMMANDS,
  RUN_LEGALITY,
  TOOL_CALL_COMMANDS,
  TOOL_CALL_LEGALITY,
  UNKNOWN_EXECUTION_VERDICTS,
  type AllowedVerdictsOptions,
  type Edge,
  type FulfilmentCommand,
  type HoldCommand,
  type HoldEdge,
  type RunCommand,
  type ToolCallCommand,
} from "./legality.ts";

// The policy, as data.
export {
  backtestInputSchema,
  backtestSchema,
  businessHoursSchema,
  checkPolicyInputSchema,
  effectSchema,
  explainInputSchema,
  explanationSchema,
  POLICY_MODES,
  PRESETS,
  policyFindingSchema,
  policyInForceSchema,
  policySchema,
  policyVersionSchema,
  policyVersionSummarySchema,
  putPolicySchema,
  shadowReportSchema,
  quorumSchema,
  rotationSchema,
  ruleSchema,
  tierSettingsSchema,
  WEEKDAYS,
  type Backtest,
  type BusinessHours,
  type Effect,
  type ExplainInput,
  type Explanation,
  type Policy,
  type PolicyFinding,
  type PolicyInForce,
  type PolicyInput,
  type PolicyVersion,
  type PolicyVersionSummary,
  type PutPolicy,
  type ShadowReport,
  type Preset,
  type Quorum,
  type Rotation,
  type Rule,
} from "./policy.ts";
export { durationSchema, personSchema, routeSchema } from "./route-schema.ts";
export { durationSeconds, leavesOf, onlyRole, routeInWords, type Duration, type Route } from "./route.ts";

// What goes over the wire: schemas, and the types they make.
export {
  actionInputSchema,
  actionSchema,
  createHoldSchema,
  decideSeveralSchema,
  decisionInputSchema,
  decisionResultSchema,
  decisionSchema,
  evidenceSchema,
  holdDetailSchema,
  holdSchema,
  holdSorts,
  listHoldsSchema,
  nextStepSchema,
  outcomeSchema,
  questionSchema,
  reasonSchema,
  voteSchema,
  type CreateHold,
  type DecisionInput,
  type Evidence,
  type Hold,
  type HoldDetail,
  type NextStep,
  type Outcome,
  type Question,
  type Reason,
  type Vote,
} from "./hold.ts";
export {
  createDelegationSchema,
  delegationSchema,
  listDelegationsSchema,
  rotationViewSchema,
  type CreateDelegation,
  type Delegation,
  type RotationView,
} from "./delegation.ts";
export {
  listSessionsSchema,
  sessionDeletedSchema,
  sessionSchema,
  sessionSummarySchema,
  type Session,
  type SessionDeleted,
  type SessionSummary,
} from "./session.ts";
export {
  agentSchema,
  controlRunSchema,
  createRunSchema,
  endRunSchema,
  heardSchema,
  heartbeatSchema,
  killRunSchema,
  registerRunSchema,
  runControlledSchema,
  runDeletedSchema,
  listRunsSchema,
  runSchema,
  runSummarySchema,
  sessionCancelledSchema,
  stepSchema,
  toolCallSchema,
  usageSchema,
  type Agent,
  type CreateRun,
  type EndRun,
  type Heard,
  type Heartbeat,
  type RegisterRun,
  type RunControlled,
  type RunDeleted,
  type Run,
  type RunSummary,
  type SessionCancelled,
  type ToolCall,
} from "./run.ts";
export { ON_NEW_MESSAGE, type OnNewMessage } from "./on-new-message.ts";
export {
  createAgentSchema,
  toolSettingsSchema,
  type CreateAgent,
  type ToolSettings,
} from "./stored-agent.ts";
export {
  amendCallSchema,
  forkRunSchema,
  giveResultSchema,
  runNoteSchema,
  tellRunSchema,
  withdrawCallSchema,
  type AmendCall,
  type Cost,
  type ForkRun,
  type GiveResult,
  type RunNote,
  type TellRun,
  type WithdrawCall,
} from "./steer.ts";
export {
  holdOrderSchema,
  ORDER_KINDS,
  ORDER_SCOPES,
  orderedSchema,
  orderSchema,
  standingOrderSchema,
  type Ordered,
  type OrderKind,
  type OrderScope,
  type StandingOrder,
} from "./standing-order.ts";
export { meSchema, type Me } from "./me.ts";
export {
  createGrantSchema,
  grantDetailSchema,
  grantSchema,
  listGrantsSchema,
  MAX_GRANT_SECONDS,
  type CreateGrant,
  type Grant,
  type GrantDetail,
} from "./grant.ts";
export {
  calibrationReportSchema,
  listSamplesSchema,
  reviewSampleSchema,
  SAMPLE_VERDICTS,
  sampleSchema,
  type CalibrationReport,
  type ReviewSample,
  type Sample,
  type SampleVerdict,
} from "./sample.ts";
export { apiKeySchema, createKeySchema, KEY_KINDS, SCOPES, type ApiKey, type CreateKey } from "./key.ts";
export {
  auditName,
  EVENT_TYPES,
  eventSchema,
  eventTypes,
  RUN_TEXT,
  type EventType,
  type HoldpointEvent,
} from "./event.ts";
export { problemSchema, PROBLEMS, type Problem, type ProblemCode } from "./problem.ts";
export { appIdSchema, instantSchema, textSchema } from "./instant.ts";
export { jsonObjectSchema, jsonValueSchema } from "./json-schema.ts";

// The audit log: its entries, and proofs about it. Runs anywhere.
export {
  emptyRoot,
  HASH_BYTES,
  isSameHash,
  leafHash,
  nodeHash,
  rootOfInclusion,
  verifyConsistency,
  type ConsistencyProof,
  type InclusionProof,
} from "./audit/merkle.ts";
export { CompactTree } from "./audit/compact-tree.ts";
export { portableHasher, type Hasher } from "./audit/hasher.ts";
export { fromBase64, fromBase64Url, toBase64, toBase64Url } from "./audit/base64.ts";
export { ProofError, type ProofFault } from "./audit/proof-error.ts";
export {
  formatNote,
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  verifierKey,
  verifyNote,
  type SignedNote,
  type VerifierKey,
} from "./audit/signed-note.ts";
export {
  formatCheckpoint,
  logOrigin,
  parseCheckpoint,
  readCheckpoint,
  verifyCheckpoint,
  type Checkpoint,
} from "./audit/checkpoint.ts";
export {
  COMMITTED_PATHS,
  openEntry,
  saltOf,
  sealEntry,
  type CommittedPath,
  type OpenedEntry,
  type Opening,
  type SealedEntry,
} from "./audit/leaf.ts";
export { digestEntry, type DigestedEntry } from "./audit/digest-entry.ts";
export { EXPORT_FORMAT, formatEntryLine, isEntryLine, type ExportHeader } from "./audit/export-line.ts";
export { LogFault } from "./audit/log-fault.ts";
export { LogVerifier, type LogVerifierOptions, type VerifiedLog } from "./audit/log-verifier.ts";
export {
  HOLD_ENDS,
  RECEIPT_FORMAT,
  receiptSchema,
  verifyReceipt,
  type Receipt,
  type VerifiedReceipt,
} from "./audit/receipt.ts";

// What an agent is told when its action was not executed.
export { toldCancelled, toldExpired, toldReason, toldRejected, toldSkipped } from "./told.ts";

// Confidence.
export { confidenceInWords, STAKES, type Stake } from "./confidence.ts";

// End users, their questions and their sign-ins at providers.
export {
  answerQuestionSchema,
  authorizeAnswerSchema,
  createEndUserLinkSchema,
  createEndUserTokenSchema,
  declineQuestionSchema,
  endUserInputSchema,
  END_USER_LINK_STATUSES,
  endUserLinkSchema,
  endUserLinkViewSchema,
  endUserSchema,
  endUserTokenSchema,
  listEndUsersSchema,
  listQuestionsSchema,
  openedLinkSchema,
  openLinkSchema,
  ownQuestionSchema,
  questionEventSchema,
  type AuthorizeAnswer,
  type EndUser,
  type EndUserInput,
  type EndUserLink,
  type EndUserLinkView,
  type EndUserToken,
  type OpenedLink,
  type OwnQuestion,
  type QuestionEvent,
} from "./end-user.ts";
export {
  authorizationQuestionSchema,
  authorizeConnectionSchema,
  CONNECTION_STATUSES,
  connectionSchema,
  listConnectionsSchema,
  type AuthorizationQuestion,
  type AuthorizeConnection,
  type Connection,
  type ConnectionStatus,
} from "./connection.ts";
