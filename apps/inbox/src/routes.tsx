import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { Desk } from "./holds/desk.tsx";
import { readInboxSearch } from "./holds/filters.ts";
import { HoldPane, NothingOpen } from "./holds/hold-pane.tsx";
import { readAuditSearch } from "./audit/audit-search.ts";
import { readPolicySearch } from "./policy/policy-search.ts";
import { NotFound, PageProblem } from "./shell/page-problem.tsx";
import { Shell } from "./shell/shell.tsx";
import { LatePart, latePart } from "./ui/late-part.tsx";

/** A page whose code is fetched when it is opened; where it does not come, the way to the others stays. */
function latePage<Module>(load: () => Promise<Module>, pick: (module: Module) => ComponentType) {
  const page = latePart(load, pick);
  return function LatePage() {
    return (
      <LatePart of={page} place="page" fallback={<p className="p-6 text-quiet">Reading…</p>}>
        {(Page) => <Page />}
      </LatePart>
    );
  };
}

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: PageProblem,
});

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    // oxlint-disable-next-line typescript/only-throw-error -- the router's way of leading elsewhere
    throw redirect({ to: "/inbox", replace: true });
  },
});

/** List and card, side by side; what the list shows is in the address of both. */
const deskRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "desk",
  component: Desk,
  validateSearch: readInboxSearch,
});
const inboxRoute = createRoute({ getParentRoute: () => deskRoute, path: "/inbox", component: NothingOpen });
const holdRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: "/holds/$holdId",
  component: HoldPane,
});

const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs",
  component: latePage(
    () => import("./runs/runs-page.tsx"),
    ({ RunsPage }) => RunsPage,
  ),
});
const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs/$runId",
  component: latePage(
    () => import("./runs/run-page.tsx"),
    ({ RunPage }) => RunPage,
  ),
  validateSearch: (search): { view?: "messages" } =>
    search["view"] === "messages" ? { view: "messages" } : {},
});
const sessionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sessions",
  component: latePage(
    () => import("./sessions/sessions-page.tsx"),
    ({ SessionsPage }) => SessionsPage,
  ),
});
const sessionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sessions/$sessionId",
  component: latePage(
    () => import("./sessions/session-page.tsx"),
    ({ SessionPage }) => SessionPage,
  ),
});
const agentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/agents",
  component: latePage(
    () => import("./agents/agents-page.tsx"),
    ({ AgentsPage }) => AgentsPage,
  ),
});
const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/audit",
  component: latePage(
    () => import("./audit/audit-page.tsx"),
    ({ AuditPage }) => AuditPage,
  ),
  validateSearch: readAuditSearch,
});

const policyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/policy",
  component: latePage(
    () => import("./policy/policy-page.tsx"),
    ({ PolicyPage }) => PolicyPage,
  ),
  validateSearch: readPolicySearch,
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    deskRoute.addChildren([inboxRoute, holdRoute]),
    runsRoute,
    runRoute,
    sessionsRoute,
    sessionRoute,
    agentsRoute,
    auditRoute,
    policyRoute,
  ]),
  // Plain names and values: an address that people can read and write.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const entries = Object.entries(search).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    );
    const text = new URLSearchParams(entries).toString();
    return text === "" ? "" : `?${text}`;
  },
  defaultPreload: false,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
