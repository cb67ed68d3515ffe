import type { AgentDirectory } from "./agents/agent-directory.ts";
import type { DefinedConfig } from "./agents/config.ts";
import type { Models } from "./agents/models/models.ts";
import type { Registry } from "./agents/registry.ts";
import type { Connections } from "./connections/connections.ts";
import type { SignInFlow } from "./connections/sign-in-flow.ts";
import type { Database } from "./database/database.ts";
import { addAgentOsRoutes, agentOsErrors } from "./dialects/agentos.ts";
import { addAmorceRoutes, amorceErrors } from "./dialects/amorce.ts";
import { addGlaipRoutes, glaipErrors } from "./dialects/glaip.ts";
import { EndUserCredentials } from "./end-users/end-user-credential.ts";
import { EndUserLinks } from "./end-users/end-user-link.ts";
import type { EventStreams } from "./events/event-streams.ts";
import type { Wakeups } from "./events/wakeups.ts";
import type { IssuedClaim } from "./holds/create-hold.ts";
import { SchemaCheck } from "./holds/schema-check.ts";
import { addAgentRoutes } from "./http/agent-routes.ts";
import { createApp } from "./http/app.ts";
import { addAuditEntryRoutes } from "./http/audit-entry-routes.ts";
import { addAuditRoutes, type AuditRouteDeps } from "./http/audit-routes.ts";
import { addConnectionRoutes } from "./http/connection-routes.ts";
import { addConsoleFiles } from "./http/console-files.ts";
import { addDelegationRoutes } from "./http/delegation-routes.ts";
import { addDemoRoutes } from "./http/demo-routes.ts";
import { addEndUserRoutes } from "./http/end-user-routes.ts";
import { addEventRoutes } from "./http/event-routes.ts";
import { addExternalRunRoutes } from "./http/external-run-routes.ts";
import { addGrantRoutes } from "./http/grant-routes.ts";
import { addHealthRoutes } from "./http/health-routes.ts";
import { addHoldRoutes } from "./http/hold-routes.ts";
import { addIdentityRoutes } from "./http/identity-routes.ts";
import { addMeRoute } from "./http/me-route.ts";
import { addOAuthRoutes } from "./http/oauth-routes.ts";
import { addOrderRoutes } from "./http/order-routes.ts";
import { addPolicyRoutes } from "./http/policy-routes.ts";
import { addQuestionRoutes } from "./http/question-routes.ts";
import type { App } from "./http/route.ts";
import { addRunRoutes } from "./http/run-routes.ts";
import { addSampleRoutes } from "./http/sample-routes.ts";
import { addSessionRoutes } from "./http/session-routes.ts";
import { createSocketDoor, type UpgradeListener } from "./http/socket-door.ts";
import { addSocketRoutes } from "./http/socket-routes.ts";
import { addSteerRoutes } from "./http/steer-routes.ts";
import type { Identity } from "./identity/identity.ts";
import type { Principals } from "./identity/principal.ts";
import { RequestBudgets } from "./identity/request-budgets.ts";
import type { Secret } from "./identity/secret.ts";
import type { PolicyCatalogue } from "./policies/check-document.ts";
import type { PolicyDeps } from "./policies/ruling.ts";
import { createToolDatabase } from "./runs/tool-database.ts";
import type { Transactions } from "./transactions/transactions.ts";
import type { Hold } from "@holdpoint/protocol";
import type { Logger } from "pino";

/** What the doors lead to, as the service has put it together, and what of its options they need. */
export interface DoorsOptions extends PolicyDeps {
  config: DefinedConfig;
  database: Database;
  registry: Registry;
  agents: AgentDirectory;
  models: Models;
  identity: Identity;
  principals: Principals;
  wakeups: Wakeups;
  streams: EventStreams;
  connections: Connections;
  flow: SignInFlow;
  transactions: Transactions;
  catalogue: PolicyCatalogue;
  signer: AuditRouteDeps["signer"];
  secret: Secret;
  publicUrl: string;
  consoleFolder?: URL | undefined;
  version: string;
  logger: Logger;
  /** Fires when the service stops. */
  stopping: AbortSignal;
  /** Tells all who wait for it that a hold is otherwise than it was. */
  published(orgId: string, hold: Hold): void;
  policyChanged(orgId: string): void;
  isReady(): boolean;
}

/** Everything that answers: the native API, the dialects, the WebSocket and the console, each over the same functions. */
export async function createDoors(options: DoorsOptions): Promise<{ app: App; upgrade: UpgradeListener }> {
  const { catalogue, config, connections, database, identity, logger, policies, principals } = options;
  const { registry, wakeups } = options;
  const isHttps = options.publicUrl.startsWith("https:");
  const { prices } = config;
  const app = createApp({
    logger,
    version: options.version,
    isHttps,
    dialects: [amorceErrors, glaipErrors, agentOsErrors],
    budgets: new RequestBudgets(database, config.requestLimits),
    checkRequest: (request) => identity.hostCheck.assertOwnHost(request),
    credentialOf: (request) => {
      const credential = identity.credentialOf(request);
      if (credential?.via === "key") identity.lastUse.note(credential.hash);
      return credential;
    },
  });
  addHealthRoutes(app, database, () => options.isReady());
  const schemas = new SchemaCheck();
  const decideDeps = { ...options, tools: registry, schemas };
  addGlaipRoutes(app, decideDeps);
  const holdDeps = {
    ...decideDeps,
    claims: {
      issue: ({ id, action, ...claim }: IssuedClaim) =>
        identity.claims.signClaim({ ...claim, claimId: id, actionHash: action.hash }),
    },
  };
  addHoldRoutes(app, holdDeps);
  addAmorceRoutes(app, { ...holdDeps, isStrict: catalogue.isStrict });
  const links = new EndUserLinks(database, options.secret, options.publicUrl);
  addEndUserRoutes(app, { database, secret: options.secret, links });
  const credentials = new EndUserCredentials({ isHttps, hostCheck: identity.hostCheck });
  addQuestionRoutes(app, {
    ...options,
    schemas,
    links,
    agentName: (id) => registry.findAgent(id)?.name,
    credentials,
    authorize: ({ orgId, endUserId, holdId, device, verifiedBy }) =>
      connections.authorize({
        orgId,
        need: { holdId, endUserId },
        deviceHash: device,
        vouchedBy: verifiedBy,
      }),
  });
  addPolicyRoutes(app, { ...options, tools: registry, changed: (orgId) => options.policyChanged(orgId) });
  const logged = { changed: (orgId: string) => wakeups.publish([`org:${orgId}`]) };
  addGrantRoutes(app, { database, tools: policies.tools, ...logged });
  addSampleRoutes(app, { database, ...logged });
  addAgentRoutes(app, options);
  addRunRoutes(app, { ...options, prices });
  addSteerRoutes(app, { ...options, toolDatabase: createToolDatabase(database) });
  addOrderRoutes(app, options);
  addExternalRunRoutes(app, options);
  addSessionRoutes(app, options);
  addEventRoutes(app, options);
  addSocketRoutes(app, { ...options, tickets: identity.tickets });
  addAuditRoutes(app, options);
  addIdentityRoutes(app, identity);
  addDelegationRoutes(app, options);
  addAuditEntryRoutes(app, options);
  addMeRoute(app, principals);
  addAgentOsRoutes(app, { ...decideDeps, prices });
  addConnectionRoutes(app, { connections, principals });
  addOAuthRoutes(app, {
    flow: options.flow,
    isHttps,
    deviceOf: (request) => credentials.device(request),
    logger,
  });
  await addConsoleFiles(app, options.consoleFolder);
  addDemoRoutes(app, { database, principals, config });
  return { app, upgrade: createSocketDoor(options) };
}
