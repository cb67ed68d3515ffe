import type {
  Agent,
  ApiKey,
  CreateKey,
  HoldpointEvent,
  JsonValue,
  Me,
  Role,
  Session,
  SessionCancelled,
  SessionDeleted,
  SessionSummary,
  StandingOrder,
} from "@holdpoint/protocol";
import { Approvals } from "./approvals.ts";
import { Ask } from "./ask/ask.ts";
import type { ClarificationOptions } from "./clarifications/handler.ts";
import { Connections } from "./connections.ts";
import { readEvents, type EventsOptions, type StreamEvent } from "./events.ts";
import { EndUsers } from "./end-users.ts";
import { Holds, type CallOptions } from "./holds.ts";
import { getPage, listAll, type Page, type PageOptions } from "./page.ts";
import { createGate, type Gate } from "./gate/gate.ts";
import { HoldKeeper } from "./gate/hold-keeper.ts";
import { Grants } from "./grants.ts";
import { Hitl } from "./hitl.ts";
import { pausesOf, switchesOf, type OrderOptions, type Pauses, type Switches } from "./orders.ts";
import { Policies } from "./policies.ts";
import { Runs } from "./runs.ts";
import { Samples } from "./samples.ts";
import { Transport, type RequestOptions, type HoldpointOptions } from "./transport.ts";

export interface HoldpointClientOptions extends HoldpointOptions {
  /** Who presents the questions of the runs that are waited for. */
  clarifications?: ClarificationOptions | undefined;
}

/** Which part of the log. Exactly one of the three. */
export interface AuditScope {
  runId?: string | undefined;
  sessionId?: string | undefined;
  holdId?: string | undefined;
}
export type AuditFormat = "json" | "jsonl" | "csv" | "text";

/** What of the log {@link Holdpoint.audit.page} gives. */
export interface AuditPageOptions extends AuditScope {
  agentId?: string | undefined;
  /** The member, agent or service that did it. */
  actorId?: string | undefined;
  /** The part of an event's type before its dot. */
  about?: "hold" | "action" | "run" | undefined;
  /** Size of a page, 1 to 200. */
  limit?: number | undefined;
}

/** An entry of the audit log: the event, and what the report calls its parts. */
export interface AuditEntry {
  eventType: string;
  sessionId: string | null;
  agentId: string | null;
  actionType: string | null;
  /** The arguments of the action that the event is about. */
  actionPayload: JsonValue;
  reviewerId: string | null;
  decision: string | null;
  timestamp: string;
  rationale: string | null;
  event: HoldpointEvent;
}

/** A person of the organisation. */
export interface Member {
  id: string;
  name: string;
  email: string;
  role: Role;
  createdAt: string;
}

/** A link that signs its member in, once. */
export interface SignInLink {
  url: string;
  expiresAt: string;
}

/** A key as it is told once, when it is made. */
export type NewApiKey = ApiKey & { key: string };

/**
 * The Holdpoint client: `fetch` and nothing else, so it runs in Node, browsers, Deno, Bun and workers.
 *
 * Every method throws {@link HoldpointApiError} for a refusal and {@link HoldpointConnectionError} when there is no
 * answer; failures that may pass are retried, with the same Idempotency-Key.
 *
 * ```ts
 * const holdpoint = new Holdpoint({ url: "http://localhost:7777", apiKey });
 * for await (const hold of holdpoint.holds.list({ status: "pending" })) console.log(hold.title);
 * ```
 */
export class Holdpoint {
  readonly holds: Holds;
  /**
   * Puts a function behind a gate: each call is asked about, and executed once a person or the policy has released it, with
   * the arguments that were released. Never twice: see `idempotencyKey` of {@link GatedCallOptions}.
   *
   * ```ts
   * const refund = holdpoint.gate("refund", ({ order, eur }) => payments.refund(order, eur), { impact: "high" });
   * const outcome = await refund({ order: 17, eur: 240 });
   * console.log(outcome.ran ? outcome.result : outcome.reason);
   * ```
   *
   * A "no" is answered as `{ran: false, outcome, reason}`, or thrown with `throws: true`. What the function throws is
   * reported and thrown on. Throws where the service refuses the request or cannot be reached: then nothing was executed.
   */
  readonly gate: Gate;
  readonly approvals: Approvals;
  /** Operators' decisions in the words of GLAIP. */
  readonly hitl: Hitl;
  readonly ask: Ask;
  readonly runs: Runs;
  /** Hands a result that the agent is not sure of to a person; see {@link Holds.escalate}. */
  readonly escalate: Holds["escalate"];
  readonly policies: Policies;
  readonly grants: Grants;
  readonly samples: Samples;
  readonly endUsers: EndUsers;
  readonly connections: Connections;
  readonly agents: Pauses &
    Switches & {
      /** Those of the config, and those elsewhere that have a run now or are under an order. */
      list(): AsyncGenerator<Agent, void, undefined>;
      /** Throws `not_found`. */
      get(id: string): Promise<Agent>;
    };
  readonly tools: Switches;
  /** Pauses and kill-switches that stand. */
  readonly orders: { list(): AsyncGenerator<StandingOrder, void, undefined> };
  /** Conversations of several runs. */
  readonly sessions: Pauses & {
    /** Ends its runs that are not over, each with its report. */
    cancel(id: string, options?: OrderOptions): Promise<SessionCancelled>;
    /** The one used last first. */
    list(options?: { endUserId?: string | undefined }): AsyncGenerator<SessionSummary, void, undefined>;
    /** With its last 50 runs and what was said in them. Throws `not_found`. */
    get(id: string): Promise<Session>;
    /**
     * For admins. Deletes it with everything personal in it; the audit log keeps its proofs. Throws `session_busy` while a run
     * of it is not over or a hold of it is open.
     */
    delete(id: string): Promise<SessionDeleted>;
  };
  readonly audit: {
    /** The log of a run, session or hold as text in that format, JSON by default. */
    export(scope: AuditScope, options?: { format?: AuditFormat; signal?: AbortSignal }): Promise<string>;
    /**
     * The log with its proofs, as JSON lines for `holdpoint audit verify`: whole, or of a run, session or hold. Not held
     * in memory. Throws `not_found` before anything was signed.
     */
    log(
      scope?: AuditScope,
      options?: { signal?: AbortSignal | undefined },
    ): Promise<ReadableStream<Uint8Array>>;
    /** Entries newest first, a page at a time. */
    page(options?: AuditPageOptions, page?: PageOptions): Promise<Page<AuditEntry>>;
  };
  readonly keys: {
    /** The answer is the only place where the key itself is ever shown. */
    create(key: CreateKey, options?: CallOptions): Promise<NewApiKey>;
    list(): AsyncGenerator<ApiKey, void, undefined>;
    /** From then on the key is refused, at once and everywhere. */
    revoke(id: string): Promise<ApiKey>;
  };
  readonly members: {
    /** For admins. The link signs the new member in, once, within a day. */
    add(
      member: { name: string; email: string; role: Role },
      options?: CallOptions,
    ): Promise<{ member: Member; signInLink: SignInLink }>;
    list(): AsyncGenerator<Member, void, undefined>;
    /** For admins. */
    createSignInLink(memberId: string, options?: CallOptions): Promise<SignInLink>;
  };
  readonly #transport: Transport;

  /** Sends nothing yet. Throws `TypeError` for an address that is none. */
  constructor(options: HoldpointClientOptions) {
    const transport = new Transport(options);
    this.#transport = transport;
    this.holds = new Holds(transport);
    this.gate = createGate(new HoldKeeper(this.holds));
    this.approvals = new Approvals(this.holds);
    this.hitl = new Hitl(transport);
    this.ask = new Ask(this.holds);
    this.escalate = (...parameters) => this.holds.escalate(...parameters);
    this.runs = new Runs(transport, options.clarifications);
    this.policies = new Policies(transport);
    this.grants = new Grants(transport);
    this.samples = new Samples(transport);
    this.endUsers = new EndUsers(transport);
    this.connections = new Connections(transport);
    this.agents = {
      list: () => listAll<Agent>(transport, "/v1/agents", {}),
      get: (id) => this.request("GET", `/v1/agents/${encodeURIComponent(id)}`),
      ...pausesOf(transport, "agents"),
      ...switchesOf(transport, "agents"),
    };
    this.tools = switchesOf(transport, "tools");
    this.orders = { list: () => listAll<StandingOrder>(transport, "/v1/standing-orders", {}) };
    const sessionPath = (id: string): string => `/v1/sessions/${encodeURIComponent(id)}`;
    this.sessions = {
      list: (listOptions) => listAll<SessionSummary>(transport, "/v1/sessions", { ...listOptions }),
      get: (id) => this.request("GET", sessionPath(id)),
      delete: (id) => this.request("DELETE", sessionPath(id)),
      cancel: (id, { reason, ...more } = {}) =>
        this.request("POST", `${sessionPath(id)}/cancel`, {
          ...more,
          body: { reason },
        }),
      ...pausesOf(transport, "sessions"),
    };
    this.audit = {
      export: (scope, { format = "json", signal } = {}) =>
        transport.send("GET", "/v1/audit", { query: { ...scope, format }, signal }, (response) =>
          response.text(),
        ),
      log: async (scope = {}, { signal } = {}) => {
        const query = { ...scope, format: "log" };
        const response = await transport.open("/v1/audit", { query, signal, accept: "application/jsonl" });
        return response.body ?? new ReadableStream();
      },
      page: (pageOptions = {}, page = {}) =>
        getPage<AuditEntry>(transport, "/v1/audit/entries", { ...pageOptions }, page),
    };
    this.keys = {
      create: (key, callOptions) => this.request("POST", "/v1/api-keys", { ...callOptions, body: key }),
      list: () => listAll<ApiKey>(transport, "/v1/api-keys", {}),
      revoke: (id) => this.request("DELETE", `/v1/api-keys/${encodeURIComponent(id)}`),
    };
    this.members = {
      add: (member, callOptions) => this.request("POST", "/v1/members", { ...callOptions, body: member }),
      list: () => listAll<Member>(transport, "/v1/members", {}),
      createSignInLink: (memberId, callOptions) =>
        this.request("POST", `/v1/members/${encodeURIComponent(memberId)}/sign-in-link`, {
          ...callOptions,
          body: {},
        }),
    };
  }

  /** Whose credential this is. Throws `unauthorized` for none. */
  me(options: { signal?: AbortSignal | undefined } = {}): Promise<Me> {
    return this.request("GET", "/v1/me", options);
  }

  /**
   * Any route of the API: the parsed JSON of its answer, undefined for an empty one. `Result` is what the caller
   * expects; nothing checks it.
   */
  request<Result>(method: string, path: string, options: RequestOptions = {}): Promise<Result> {
    return this.#transport.json(method, path, options);
  }

  /** The organisation's events, live; see {@link EventsOptions} for where to start and what to leave out. */
  events(options: EventsOptions = {}): AsyncGenerator<StreamEvent, void, undefined> {
    return readEvents(this.#transport, "/v1/events", options);
  }
}
