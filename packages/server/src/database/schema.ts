// Generated from the migrations; UPDATE_SNAPSHOT=1 with test/database/schema-snapshot.test.ts writes it anew.
import type { ColumnType, Generated } from "kysely";

/** JSON is read as parsed and written as text, so that what is stored is exactly what was rendered. */
export type JsonColumn = ColumnType<unknown, string, string>;

export interface AgentsTable {
  org_id: string;
  id: string;
  name: string;
  model: string | null;
  instructions: string;
  tools: string[];
  tool_settings: JsonColumn;
  markdown: boolean;
  max_steps: number;
  on_new_message: string;
  created_at: string;
  created_by: string;
  deleted_at: string | null;
  idempotency_key: string | null;
  body_hash: string | null;
}

export interface ApiKeysTable {
  org_id: string;
  id: string;
  hash: string;
  name: string;
  kind: string;
  agent_id: string | null;
  member_id: string | null;
  scopes: string[];
  created_at: Generated<string>;
  created_by: string | null;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  idempotency_key: string | null;
  body_hash: string | null;
  revoked_by: string | null;
  source: string | null;
}

export interface AsksTable {
  org_id: string;
  id: string;
  run_id: string;
  tool_call_id: string;
  key: string;
  occurrence: number;
  question_hash: string;
  hold_id: string;
  attempt: number;
  created_at: string;
}

export interface AuditCheckpointsTable {
  org_id: string;
  size: number | string;
  previous: number | string | null;
  root: Buffer;
  note: string;
  key: string;
  horizon: string;
  position: number | string;
  created_at: Generated<string>;
}

export interface AuditDestinationsTable {
  name: string;
  position: number | string;
}

export interface AuditLeavesTable {
  org_id: string;
  index: number | string;
  event_id: string;
  hash: Buffer;
  salt: Buffer | null;
  opening: JsonColumn | null;
}

export interface AuditTilesTable {
  org_id: string;
  level: number;
  index: number | string;
  hashes: Buffer;
  root: Buffer;
}

export interface ClaimsTable {
  org_id: string;
  id: string;
  hold_id: string | null;
  tool_call_id: string | null;
  attempt: Generated<number>;
  action_hash: string;
  run_id: string | null;
  redeemed_by: string;
  redeemed_at: string;
  expires_at: string;
  reasons: JsonColumn | null;
  idempotency_key: string | null;
  body_hash: string | null;
  grant_id: string | null;
  grant_value: string | null;
}

export interface ConnectionsTable {
  org_id: string;
  id: string;
  end_user_id: string;
  provider: string;
  status: string;
  version: number;
  scopes: string[];
  account: string | null;
  sealed: string | null;
  access_expires_at: string | null;
  lease_owner: string | null;
  lease_until: string | null;
  created_at: string;
  updated_at: string;
  last_used_at: string | null;
}

export interface DecisionsTable {
  org_id: string;
  id: string;
  hold_id: string;
  verdict: string;
  by_id: string;
  by_name: string;
  via: string;
  verified_by: string;
  strength: number;
  is_self_decided: boolean;
  action_hash: string | null;
  arguments: JsonColumn | null;
  answer: JsonColumn | null;
  comment: string | null;
  original_text: string | null;
  created_at: string;
  idempotency_key: string | null;
  body_hash: string | null;
  hold_version: number | null;
  claimed_by: string | null;
}

export interface DeferralsTable {
  org_id: string;
  hold_id: string;
  member_id: string;
  deferred_at: string;
}

export interface DelegationsTable {
  org_id: string;
  id: string;
  from_member: string;
  to_member: string;
  starts_at: string;
  ends_at: string;
  created_at: string;
  created_by: string;
  revoked_at: string | null;
  revoked_by: string | null;
  idempotency_key: string | null;
  body_hash: string | null;
}

export interface DeletedRunsTable {
  org_id: string;
  session_id: string;
  id: string;
}

export interface EndUserLinksTable {
  org_id: string;
  id: string;
  end_user_id: string;
  hash: string;
  code_hash: string;
  wrong_codes: Generated<number>;
  created_at: string;
  created_by: string;
  expires_at: string;
  bound_at: string | null;
  device_hash: string | null;
  ended_at: string | null;
  revoked_at: string | null;
  revoked_by: string | null;
  idempotency_key: string | null;
  body_hash: string | null;
}

export interface EndUserTokensTable {
  org_id: string;
  hash: string;
  end_user_id: string;
  created_at: string;
  created_by: string;
  expires_at: string;
  idempotency_key: string | null;
  body_hash: string | null;
}

export interface EndUsersTable {
  org_id: string;
  id: string;
  created_at: Generated<string>;
  name: string | null;
  email: string | null;
  phone: string | null;
  additional_data: Generated<JsonColumn>;
  preferences: Generated<JsonColumn>;
  updated_at: string | null;
}

export interface EventsTable {
  org_id: string;
  id: string;
  xid: Generated<string>;
  type: string;
  created_at: string;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string | null;
  decision: string | null;
  rationale: string | null;
  action_name: string | null;
  action_hash: string | null;
  hold_id: string | null;
  run_id: string | null;
  tool_call_id: string | null;
  session_id: string | null;
  agent_id: string | null;
  end_user_id: string | null;
  data: JsonColumn;
}

export interface ExecutionsTable {
  org_id: string;
  id: string;
  transaction_id: string;
  service_id: string;
  agent_id: string | null;
  requester: string;
  request_hash: string;
  action_hash: string;
  claim_id: string;
  hold_id: string | null;
  status: Generated<string>;
  result: JsonColumn | null;
  error: JsonColumn | null;
  started_at: string;
  lost_after: string;
  ended_at: string | null;
  idempotency_key: string | null;
  body_hash: string | null;
}

export interface ForkActionsTable {
  org_id: string;
  run_id: string;
  tool_call_id: string;
  from_run_id: string;
  position: number;
  name: string;
  proposed: JsonColumn;
  arguments: JsonColumn;
  status: string;
  result: JsonColumn | null;
  error: JsonColumn | null;
  reused_by: string | null;
}

export interface FunctionFilesTable {
  name: string;
  sha256: string;
  applied_at: Generated<string>;
}

export interface GrantsTable {
  org_id: string;
  id: string;
  tool: string;
  condition: string | null;
  agent_id: string | null;
  end_user_id: string | null;
  expires_at: string;
  uses: number | null;
  uses_left: number | null;
  budget: string | null;
  budget_left: string | null;
  route: JsonColumn;
  quorum_required: number;
  strength: number;
  from_hold_id: string | null;
  reason: string | null;
  created_at: string;
  created_by: string;
  created_by_name: string;
  revoked_at: string | null;
  revoked_by: string | null;
  revoked_by_name: string | null;
  idempotency_key: string | null;
  body_hash: string | null;
}

export interface HoldsTable {
  org_id: string;
  id: string;
  kind: string;
  status: Generated<string>;
  version: Generated<number>;
  title: string;
  summary: string | null;
  details: JsonColumn | null;
  evidence: JsonColumn | null;
  action: JsonColumn | null;
  action_hash: string | null;
  tool_hash: string | null;
  action_schema: JsonColumn | null;
  reversibility: string | null;
  impact: string | null;
  value: number | null;
  question: JsonColumn | null;
  verdicts: string[];
  tier: string;
  route: JsonColumn;
  route_role: string | null;
  separation: Generated<string>;
  quorum_required: Generated<number>;
  reasons: JsonColumn;
  policy_version: Generated<number>;
  requester: string;
  requester_kind: string;
  requester_member_id: string | null;
  starter_member_id: string | null;
  agent_id: string | null;
  run_id: string | null;
  tool_call_id: string | null;
  session_id: string | null;
  end_user_id: string | null;
  transaction_id: string | null;
  metadata: JsonColumn | null;
  created_at: string;
  respond_by: string | null;
  expires_at: string | null;
  on_timeout: string;
  decided_at: string | null;
  outcome: JsonColumn | null;
  fulfilment: Generated<string>;
  execution: JsonColumn | null;
  idempotency_key: string | null;
  body_hash: string | null;
  rule: string | null;
  quorum_refusals: Generated<number>;
  strength: Generated<number>;
  channels: Generated<string[]>;
  remind_every_seconds: number | null;
  next_step_at: string | null;
  facts: JsonColumn | null;
  may_grant: Generated<boolean>;
  ladder: JsonColumn | null;
  ladder_asked_at: string | null;
  escalated_at: string | null;
  step_seconds: string | null;
  votes_since: number | null;
  askable: string[] | null;
  released_by: JsonColumn | null;
  level: string | null;
  run_lost_at: string | null;
  path: JsonColumn | null;
}

export interface KnownCounterpartiesTable {
  org_id: string;
  tool: string;
  counterparty: string;
  first_at: string;
}

export interface MemberSessionsTable {
  hash: string;
  org_id: string;
  member_id: string;
  signed_in_at: string;
  expires_at: string;
}

export interface MembersTable {
  org_id: string;
  id: string;
  user_id: string;
  name: string;
  email: string;
  role: string;
  created_at: Generated<string>;
  removed_at: string | null;
  created_by: string | null;
  removed_by: string | null;
  idempotency_key: string | null;
  body_hash: string | null;
}

export interface MessagesTable {
  org_id: string;
  id: string;
  run_id: string;
  position: number;
  role: string;
  message: JsonColumn;
  created_at: string;
  step: number | null;
}

export interface MigrationsTable {
  number: number;
  name: string;
  sha256: string;
  applied_at: Generated<string>;
}

export interface ModelLimitsTable {
  name: string;
  tokens: number;
  updated_at: string;
}

export interface OauthFlowsTable {
  ticket_hash: string;
  org_id: string;
  end_user_id: string;
  provider: string;
  scopes: string[];
  hold_id: string | null;
  status: Generated<string>;
  vouched_by: string;
  device_hash: string | null;
  state_hash: string | null;
  browser_hash: string | null;
  created_at: string;
  expires_at: string;
  exchange_until: string | null;
  ended_at: string | null;
  ended_as: string | null;
}

export interface OnceResultsTable {
  org_id: string;
  tool_call_id: string;
  name: string;
  value: JsonColumn;
  attempt: number;
  created_at: string;
}

export interface OrganisationsTable {
  id: string;
  name: string;
  created_at: Generated<string>;
}

export interface PoliciesTable {
  org_id: string;
  version: number;
  revision: number | string;
  shadow_version: number | null;
  config_hash: string | null;
  switched_at: string | null;
}

export interface PolicyVersionsTable {
  org_id: string;
  id: string;
  version: number;
  document: JsonColumn;
  source: string;
  comment: string | null;
  created_at: string;
  created_by: string | null;
  created_by_name: string | null;
  idempotency_key: string | null;
  body_hash: string | null;
}

export interface RequestKeysTable {
  org_id: string;
  idempotency_key: string;
  hold_id: string;
  principal: string;
  body_hash: string;
}

export interface RequestWindowsTable {
  org_id: string;
  id: string;
  window_start: string;
  given: number;
}

export interface RunNotesTable {
  org_id: string;
  id: string;
  run_id: string;
  text: string;
  by_kind: string;
  by_id: string;
  by_name: string | null;
  created_at: string;
  heard_step: number | null;
  idempotency_key: string | null;
  body_hash: string | null;
}

export interface RunsTable {
  org_id: string;
  id: string;
  agent_id: string;
  status: Generated<string>;
  version: Generated<number>;
  input: JsonColumn;
  output: JsonColumn | null;
  error: JsonColumn | null;
  end_reason: string | null;
  session_id: string | null;
  end_user_id: string | null;
  metadata: JsonColumn | null;
  model: string | null;
  step: Generated<number>;
  max_steps: number;
  model_attempts: Generated<number>;
  usage: JsonColumn | null;
  starter: string;
  starter_kind: string;
  starter_name: string | null;
  starter_member_id: string | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  advance_at: string | null;
  lease_owner: string | null;
  lease_until: string | null;
  lease_epoch: Generated<number>;
  last_commit: string | null;
  pause_requested: Generated<boolean>;
  cancel_requested: Generated<boolean>;
  idempotency_key: string | null;
  body_hash: string | null;
  confidence: number | null;
  pause_asked: JsonColumn | null;
  notes_unheard: number | null;
  forked_from: string | null;
  forked_step: number | null;
  history_of: string | null;
  state_since: string | null;
  queued_ms: number | null;
  running_ms: number | null;
  holding_ms: number | null;
  paused_ms: number | null;
  waits_for: string | null;
  pause_scope: string | null;
  control_key: string | null;
  heartbeat_seconds: number | null;
  heartbeat_at: string | null;
  lost_after: string | null;
  lost_at: string | null;
  progress: JsonColumn | null;
  parent_run_id: string | null;
  parent_call_id: string | null;
  ancestors: JsonColumn | null;
  path: JsonColumn | null;
  has_children: boolean | null;
}

export interface SamplesTable {
  org_id: string;
  id: string;
  rule: string | null;
  policy_version: number;
  agent_id: string | null;
  end_user_id: string | null;
  run_id: string | null;
  tool_call_id: string | null;
  claim_id: string;
  confidence: number | null;
  action: JsonColumn;
  action_hash: string;
  created_at: string;
  verdict: string | null;
  comment: string | null;
  reviewed_at: string | null;
  reviewed_by: string | null;
  reviewed_by_name: string | null;
}

export interface SessionsTable {
  org_id: string;
  id: string;
  end_user_id: string | null;
  created_at: Generated<string>;
  last_used_at: string;
  deleting_at: string | null;
}

export interface SignInLinksTable {
  hash: string;
  org_id: string;
  member_id: string;
  created_at: Generated<string>;
  expires_at: string;
  used_at: string | null;
  created_by: string | null;
  idempotency_key: string | null;
  body_hash: string | null;
}

export interface StandingOrdersTable {
  org_id: string;
  kind: string;
  scope: string;
  subject: string;
  reason: string | null;
  created_at: string;
  given_by: JsonColumn;
  given_key: string;
  lifted_at: string | null;
  lifted_by: JsonColumn | null;
  lifted_key: string | null;
  apply_after: string | null;
}

export interface StepsTable {
  org_id: string;
  id: string;
  run_id: string;
  position: number;
  status: string;
  model: string;
  text: Generated<string>;
  finish_reason: string | null;
  usage: JsonColumn | null;
  error: JsonColumn | null;
  started_at: string;
  ended_at: string | null;
  confidence: number | null;
  hold_id: string | null;
}

export interface ToolCallsTable {
  org_id: string;
  id: string;
  run_id: string;
  step: number;
  position: number;
  provider_call_id: string;
  name: string;
  arguments: JsonColumn;
  status: string;
  hold_id: string | null;
  action_hash: string | null;
  tool_hash: string | null;
  attempt: Generated<number>;
  result: JsonColumn | null;
  error: JsonColumn | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  steered: JsonColumn | null;
  reused_from: JsonColumn | null;
}

/** The tables of schema `holdpoint`. */
export interface Schema {
  agents: AgentsTable;
  api_keys: ApiKeysTable;
  asks: AsksTable;
  audit_checkpoints: AuditCheckpointsTable;
  audit_destinations: AuditDestinationsTable;
  audit_leaves: AuditLeavesTable;
  audit_tiles: AuditTilesTable;
  claims: ClaimsTable;
  connections: ConnectionsTable;
  decisions: DecisionsTable;
  deferrals: DeferralsTable;
  delegations: DelegationsTable;
  deleted_runs: DeletedRunsTable;
  end_user_links: EndUserLinksTable;
  end_user_tokens: EndUserTokensTable;
  end_users: EndUsersTable;
  events: EventsTable;
  executions: ExecutionsTable;
  fork_actions: ForkActionsTable;
  function_files: FunctionFilesTable;
  grants: GrantsTable;
  holds: HoldsTable;
  known_counterparties: KnownCounterpartiesTable;
  member_sessions: MemberSessionsTable;
  members: MembersTable;
  messages: MessagesTable;
  migrations: MigrationsTable;
  model_limits: ModelLimitsTable;
  oauth_flows: OauthFlowsTable;
  once_results: OnceResultsTable;
  organisations: OrganisationsTable;
  policies: PoliciesTable;
  policy_versions: PolicyVersionsTable;
  request_keys: RequestKeysTable;
  request_windows: RequestWindowsTable;
  run_notes: RunNotesTable;
  runs: RunsTable;
  samples: SamplesTable;
  sessions: SessionsTable;
  sign_in_links: SignInLinksTable;
  standing_orders: StandingOrdersTable;
  steps: StepsTable;
  tool_calls: ToolCallsTable;
}
