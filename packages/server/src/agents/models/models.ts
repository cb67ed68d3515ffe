import type { LanguageModel } from "ai";
import { assertNever } from "@holdpoint/core";
import { createId, HoldpointError } from "@holdpoint/protocol";
import type { DefinedAgent, ModelObject } from "../agent.ts";
import { ConfigError } from "../options.ts";
import { scriptedEstimator } from "../../confidence/scripted-estimator.ts";
import { scriptedModel } from "./scripted-model.ts";

/** The model that drives an agent here and now. */
export interface ModelChoice {
  /** As logs and the API name it. */
  label: string;
  isScripted: boolean;
}

/** Where each provider's key lies, and the model that stands in when the agent names another provider's. */
const PROVIDERS = {
  openai: { key: "OPENAI_API_KEY", model: "gpt-5.2" },
  anthropic: { key: "ANTHROPIC_API_KEY", model: "claude-sonnet-4-5" },
  google: { key: "GOOGLE_GENERATIVE_AI_API_KEY", model: "gemini-2.5-flash" },
} as const;
type Provider = keyof typeof PROVIDERS;

type Plan =
  | { type: "object"; model: ModelObject; label: string }
  | { type: "url"; url: URL; modelId: string; label: string }
  | { type: "provider"; provider: Provider; apiKey: string; modelId: string; label: string }
  | { type: "script"; label: string }
  | { type: "none"; label: string; problem: string };

/**
 * Finds the model of an agent, in this order: a model object of the config; `HOLDPOINT_MODEL_URL` (any server that
 * speaks OpenAI's chat completions); the provider it names, or that `HOLDPOINT_MODEL` names, where its key is set; any
 * provider whose key is set; the agent's script. Providers are imported at first use.
 */
export class Models {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #loaded = new Map<string, Promise<LanguageModel>>();

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
    this.#modelUrl(); // a bad address is told at start, not at the first run
  }

  /** What would drive the agent. Never loads anything. */
  describe(agent: DefinedAgent): ModelChoice {
    const plan = this.#plan(agent);
    return {
      label: plan.label,
      isScripted: plan.type === "script",
    };
  }

  /** Why the agent has no model, or undefined when it has one. */
  findProblem(agent: DefinedAgent): string | undefined {
    const plan = this.#plan(agent);
    return plan.type === "none" ? plan.problem : undefined;
  }

  /** Throws `HoldpointError` with code `no_model` when there is none. */
  async load(agent: DefinedAgent): Promise<LanguageModel> {
    const plan = this.#plan(agent);
    if (plan.type === "none") throw new HoldpointError(plan.problem, { code: "no_model" });
    // Made at once, and of the agent itself: an id is not for ever the same agent's, nor in every organisation.
    if (plan.type === "script" || plan.type === "object") return loadModel(plan, agent);
    return this.#loadOnce(plan.label, plan, agent);
  }

  #loadOnce(key: string, plan: Exclude<Plan, { type: "none" }>, agent: DefinedAgent): Promise<LanguageModel> {
    let model = this.#loaded.get(key);
    if (model === undefined) {
      model = loadModel(plan, agent);
      this.#loaded.set(key, model);
      // A failed import (a missing package) may be mended while the service runs.
      model.catch(() => this.#loaded.delete(key));
    }
    return model;
  }

  /**
   * The model that estimates how sure the agent's answers are: the one that its `confidence` names, else its own, found
   * in the same order. Throws `HoldpointError` with code `no_model` when there is none.
   */
  async loadEstimator(agent: DefinedAgent): Promise<{ model: LanguageModel; label: string }> {
    const named = agent.confidence?.method;
    const model = (named?.type === "model" ? named.model : undefined) ?? agent.model;
    const plan = this.#plan({ ...agent, model });
    if (plan.type === "none") throw new HoldpointError(plan.problem, { code: "no_model" });
    if (plan.type === "script")
      return { model: scriptedModel(scriptedEstimator, "confidence", () => ""), label: "script/confidence" };
    if (plan.type === "object") return { model: plan.model, label: plan.label };
    return { model: await this.#loadOnce(plan.label, plan, agent), label: plan.label };
  }

  #plan(agent: DefinedAgent): Plan {
    if (typeof agent.model !== "string") {
      return { type: "object", model: agent.model, label: `${agent.model.provider}/${agent.model.modelId}` };
    }
    const named = splitName(this.#env["HOLDPOINT_MODEL"] ?? agent.model);
    const url = this.#modelUrl();
    if (url !== undefined) {
      const modelId = this.#env["HOLDPOINT_MODEL"] ?? named.modelId;
      return { type: "url", url, modelId, label: `${url.host}/${modelId}` };
    }
    const wanted = isProvider(named.provider) ? this.#withKey(named.provider, named.modelId) : undefined;
    return wanted ?? this.#anyProvider() ?? this.#script(agent, agent.model, named.provider);
  }

  #withKey(provider: Provider, modelId: string): Plan | undefined {
    const apiKey = this.#env[PROVIDERS[provider].key];
    if (apiKey === undefined || apiKey === "") return undefined;
    return { type: "provider", provider, apiKey, modelId, label: `${provider}/${modelId}` };
  }

  #anyProvider(): Plan | undefined {
    for (const provider of Object.keys(PROVIDERS) as Provider[]) {
      const plan = this.#withKey(provider, PROVIDERS[provider].model);
      if (plan !== undefined) return plan;
    }
    return undefined;
  }

  #script(agent: DefinedAgent, model: string, provider: string): Plan {
    if (agent.script !== undefined) return { type: "script", label: `script/${agent.id}` };
    const keys = isProvider(provider)
      ? PROVIDERS[provider].key
      : Object.values(PROVIDERS)
          .map(({ key }) => key)
          .join(", ");
    return {
      type: "none",
      label: model,
      problem: `Agent "${agent.id}" has no model: ${model} needs ${keys} (or HOLDPOINT_MODEL_URL) in the environment.`,
    };
  }

  #modelUrl(): URL | undefined {
    const text = this.#env["HOLDPOINT_MODEL_URL"];
    if (text === undefined || text === "") return undefined;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol === "http:" || url?.protocol === "https:") return url;
    throw new ConfigError(
      `HOLDPOINT_MODEL_URL must be an http or https address like http://localhost:11434/v1, not "${text}".`,
    );
  }
}

async function loadModel(plan: Exclude<Plan, { type: "none" }>, agent: DefinedAgent): Promise<LanguageModel> {
  switch (plan.type) {
    case "object":
      return plan.model;
    case "script":
      if (agent.script === undefined) throw new TypeError(`agent ${agent.id} lost its script`);
      return scriptedModel(agent.script, agent.id, () => createId("call"));
    case "url":
      return loadByUrl(plan.url, plan.modelId);
    case "provider":
      return loadByProvider(plan.provider, plan.apiKey, plan.modelId);
    default:
      return assertNever(plan);
  }
}

async function loadByUrl(url: URL, modelId: string): Promise<LanguageModel> {
  const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
  // A key may stand in the address (https://:key@host/v1); a provider's own key is never sent to another server.
  const { password } = url;
  const address = new URL(url);
  address.username = "";
  address.password = "";
  return createOpenAICompatible({
    name: "holdpoint",
    baseURL: address.href.replace(/\/$/, ""),
    includeUsage: true,
    ...(password !== "" && { apiKey: decodeURIComponent(password) }),
  })(modelId);
}

async function loadByProvider(provider: Provider, apiKey: string, modelId: string): Promise<LanguageModel> {
  switch (provider) {
    case "openai":
      return (await import("@ai-sdk/openai")).createOpenAI({ apiKey })(modelId);
    case "anthropic":
      return (await import("@ai-sdk/anthropic")).createAnthropic({ apiKey })(modelId);
    case "google":
      return (await import("@ai-sdk/google")).createGoogle({ apiKey })(modelId);
    default:
      return assertNever(provider);
  }
}

function splitName(name: string): { provider: string; modelId: string } {
  const slash = name.indexOf("/");
  return slash === -1
    ? { provider: "", modelId: name }
    : { provider: name.slice(0, slash), modelId: name.slice(slash + 1) };
}

function isProvider(name: string): name is Provider {
  return Object.hasOwn(PROVIDERS, name);
}
