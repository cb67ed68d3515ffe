import { titleOfSignIn } from "@holdpoint/core";
import type { AuthorizationQuestion, JsonObject } from "@holdpoint/protocol";
import type { Asking, ShareHold, StoredAsk } from "../clarifications/asking.ts";
import { NotAnsweredError, noAnswerOf } from "../clarifications/not-answered-error.ts";
import type { ConnectionNeed, Connections, FreshConnection } from "./connections.ts";
import { unionOfScopes } from "./scopes.ts";

export interface ConnectionOptions {
  /** What for, in a sentence that the end user reads before they sign in. Default the call in one line. */
  purpose?: string;
}

/** The end user's account at a provider, as a tool uses it. */
export interface ToolConnection {
  /** For a request to the provider, now: not to be stored, logged, returned or kept for later. Not enumerable. */
  readonly accessToken: string;
  readonly scopes: readonly string[];
  /** Whose account it is, as the provider says. */
  readonly account: string | null;
  /**
   * `fetch` with the access token. Answered 401, the token is renewed and the request sent once more; answered 401 again, the
   * account is asked for anew and the call waits. Send with an idempotency key what must not happen twice.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
}

/**
 * `context.connection`: a fresh access token of the run's end user, with these scopes at least. Where there is none they are
 * asked to sign in at the provider, and the call starts again afterwards: until then the promise settles as little as that
 * of `context.ask`. Rejects with `NotAnsweredError` when they refuse, or do not in time.
 */
export type Connect = (
  provider: string,
  scopes: readonly string[],
  options?: ConnectionOptions,
) => Promise<ToolConnection>;

export interface ToolConnectionDeps {
  /** Undefined where the service has none. */
  connections: Connections | undefined;
  asking: Asking;
  orgId: string;
  endUser: { id: string } | null;
  /** The call in one line. */
  title: string;
  /** What the turn's other calls need of the same provider: one prompt is to cover them all. */
  alsoNeeded(provider: string): readonly { scopes: readonly string[]; purpose: string | undefined }[];
}

/** Asks of all connections of one provider have this key, whichever way they are needed. */
function keyOf(provider: string): string {
  return `$connection:${provider}`;
}

/** What a call does with its end user's accounts: looks, asks, uses. */
export class ToolConnections {
  readonly #deps: ToolConnectionDeps;

  constructor(deps: ToolConnectionDeps) {
    this.#deps = deps;
  }

  readonly connect: Connect = async (provider, scopes, options = {}) => {
    const { connections, need } = this.#need(provider, scopes, options.purpose);
    const fresh = await connections.fresh(need);
    return fresh.type === "ready" ? this.#open(need, fresh) : this.#ask(need, fresh.question);
  };

  /**
   * What asks for the need, where it is not met as far as is known without asking the provider; undefined where it is. Apart
   * from the asking, so that whatever else is missing can be asked for in the same moment.
   */
  async missing(
    provider: string,
    scopes: readonly string[],
    purpose: string | undefined,
  ): Promise<(() => Promise<never>) | undefined> {
    const { connections, need } = this.#need(provider, scopes, purpose);
    const found = await connections.look(need);
    return found.type === "needed" ? () => this.#ask(need, found.question) : undefined;
  }

  #need(
    provider: string,
    scopes: readonly string[],
    purpose: string | undefined,
  ): { connections: Connections; need: ConnectionNeed } {
    const { connections, orgId, endUser, title } = this.#deps;
    if (connections === undefined) throw new Error("This service has no providers: see the config.");
    if (endUser === null)
      throw new Error(
        `This needs an account at ${provider}, and the run has no end user whose account it could be. Start it for one: endUserId, or --end-user on the command line.`,
      );
    return {
      connections,
      need: { orgId, endUserId: endUser.id, provider, scopes, purpose: purpose ?? title },
    };
  }

  async #ask(need: ConnectionNeed, question: AuthorizationQuestion): Promise<never> {
    const { asking } = this.#deps;
    const { provider } = need;
    const last = asking.latest(keyOf(provider));
    if (last !== undefined && this.#isRefused(last, question))
      throw new NotAnsweredError(`sign in at ${question.label}`, noAnswerOf(last.status), last.comment);
    const merged = this.#withOthers(question);
    return asking.raise(asking.next(keyOf(provider)), {
      kind: "authorization",
      question: { ...merged },
      title: titleOfSignIn(merged.label),
      share: this.#share(merged),
    });
  }

  /** A no stands for this call, whatever of it is needed again; more than what was refused may be asked for. */
  #isRefused(
    last: StoredAsk,
    question: AuthorizationQuestion,
  ): last is StoredAsk & { status: Parameters<typeof noAnswerOf>[0] } {
    if (last.status === "pending" || last.status === "answered") return false;
    return (
      this.#deps.connections?.covers(question.provider, scopesOf(last.question), question.scopes) === true
    );
  }

  /** One prompt for the turn (R17): this need first, and what the others want for the same provider. */
  #withOthers(question: AuthorizationQuestion): AuthorizationQuestion {
    const others = this.#deps.alsoNeeded(question.provider);
    return {
      ...question,
      scopes: unionOfScopes(question.scopes, ...others.map(({ scopes }) => scopes)),
      purpose: joinPurposes([question.purpose, ...others.map(({ purpose }) => purpose)]),
    };
  }

  #share(question: AuthorizationQuestion): ShareHold {
    const { provider, scopes } = question;
    return (open: JsonObject) => {
      const granted = scopesOf(open);
      if (this.#deps.connections?.covers(provider, granted, scopes) === true) return "join";
      const before = typeof open["purpose"] === "string" ? open["purpose"] : undefined;
      const purpose = joinPurposes([before, question.purpose]);
      return { question: { ...question, scopes: unionOfScopes(granted, scopes), purpose } };
    };
  }

  #open(need: ConnectionNeed, fresh: FreshConnection & { type: "ready" }): ToolConnection {
    let { accessToken } = fresh;
    const connection: ToolConnection = {
      get accessToken() {
        return accessToken;
      },
      scopes: fresh.scopes,
      account: fresh.account,
      fetch: async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
        const request = new Request(input, init);
        for (let renewals = 0; ; renewals++) {
          const response = await this.#send(request, accessToken);
          if (response.status !== 401 || renewals === MOST_RENEWALS) return response;
          await response.body?.cancel();
          accessToken = await this.#renew(need, { accessToken, isRenewed: renewals > 0 });
        }
      },
    };
    // A connection that is logged or returned has no token in it.
    return Object.defineProperty(connection, "accessToken", { enumerable: false });
  }

  #send(request: Request, accessToken: string): Promise<Response> {
    const sent = new Request(request.clone(), {
      signal: AbortSignal.any([request.signal, this.#deps.asking.signal]),
    });
    sent.headers.set("authorization", `Bearer ${accessToken}`);
    return fetch(sent);
  }

  async #renew(need: ConnectionNeed, refused: { accessToken: string; isRenewed: boolean }): Promise<string> {
    const { connections } = this.#need(need.provider, need.scopes, need.purpose);
    const fresh = await connections.refuse(need, refused);
    return fresh.type === "ready" ? fresh.accessToken : this.#ask(need, fresh.question);
  }
}

/** By force once, and once more where another flight has brought a token meanwhile. */
const MOST_RENEWALS = 2;
const MAX_PURPOSE_CHARACTERS = 2_000;

function joinPurposes(purposes: readonly (string | undefined)[]): string {
  const lines = purposes.flatMap((purpose) => purpose?.split("\n") ?? []);
  return [...new Set(lines)].join("\n").slice(0, MAX_PURPOSE_CHARACTERS);
}

function scopesOf(question: JsonObject): string[] {
  const { scopes } = question;
  return Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === "string") : [];
}
