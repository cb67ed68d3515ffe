import { createHash } from "node:crypto";
import type { Identity } from "../identity/identity.ts";
import type { Principals } from "./principal.ts";
import type { App } from "./route.ts";

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:12vh auto;padding:0 1rem;color:#1a1a1a;background:#fdfdfc}" +
  "code{font:14px/1.5 ui-monospace,monospace;background:#f0f0ec;padding:.1rem .3rem}" +
  "@media(prefers-color-scheme:dark){body{color:#e8e8e4;background:#141413}code{background:#262624}}";
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** `/`, until the console has its place here: who is signed in, and where to go on. */
export function addHomePage(app: App, identity: Identity, principals: Principals): void {
  app.get("/", async (context) => {
    const credential = identity.credentialOf(context.req.raw);
    const who =
      credential === undefined ? undefined : await principals.get(credential.hash).catch(() => undefined);
    const words =
      who?.memberName === undefined
        ? "<p>You are not signed in. Get a link with <code>npx holdpoint login-link</code>.</p>"
        : `<p>You are signed in as ${escapeHtml(who.memberName)}, role ${escapeHtml(who.role ?? "")}.</p>
<form method="post" action="/sign-out"><button>Sign out</button></form>`;
    return context.html(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Holdpoint</title><style>${STYLE}</style><h1>Holdpoint</h1>${words}
<p>Decide on the command line: <code>npx holdpoint holds list</code>. The API is described at <a href="/openapi.json">/openapi.json</a>.</p></html>`,
      200,
      {
        // Without an origin the sign-out form would count as another site's.
        "referrer-policy": "same-origin",
        "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      },
    );
  });
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
