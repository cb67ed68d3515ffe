import { hash } from "node:crypto";
import { escapeHtml } from "../escape-html.ts";

// The console's colours and measures (apps/inbox/src/style.css): signing in is its first page.
const STYLE = `:root{color-scheme:light dark;font:14px/22px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
body{max-width:25rem;margin:18vh auto 0;padding:0 24px;background:light-dark(#fbfbf9,#131415);color:light-dark(#17191b,#ececea);overflow-wrap:anywhere}
svg{display:block;margin-bottom:16px}
h1{font-size:22px;line-height:28px;font-weight:600;margin:0 0 8px}
p{margin:0 0 12px}
button{font:inherit;font-weight:600;min-height:44px;margin-top:4px;padding:0 20px;border:0;border-radius:4px;background:light-dark(#17191b,#ececea);color:light-dark(#fbfbf9,#131415);cursor:pointer}
button:focus-visible{outline:2px solid light-dark(#17191b,#ececea);outline-offset:2px}
code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:13px;border-left:2px solid light-dark(#e3e3dd,#2a2d2f);padding-left:12px}`;

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  // Nothing but this style and a form to this server; no script, so none can run.
  "content-security-policy":
    `default-src 'none'; style-src 'sha256-${hash("sha256", STYLE, "base64")}'; form-action 'self'; ` +
    "base-uri 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
  // With no-referrer a form would send `Origin: null`, and where it comes from could not be checked.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex",
};

const LINK_COMMAND = "npx holdpoint login-link";
const HOW_TO_GET_A_LINK = `<p>On the machine where Holdpoint runs, this prints a new one:</p><p><code>${LINK_COMMAND}</code></p>
<p>Or ask an admin of your organisation for one.</p>`;

/** Why somebody is not signed in. */
export type SignInProblem = "used" | "expired" | "not_found" | "foreign_page" | "signed_out";

const PROBLEMS: Record<SignInProblem, { status: number; title: string; body: string }> = {
  used: {
    status: 409,
    title: "This sign-in link was already used",
    body: `<p>Each link signs in once.</p>${HOW_TO_GET_A_LINK}`,
  },
  expired: {
    status: 410,
    title: "This sign-in link has expired",
    body: `<p>A link works for a short time only.</p>${HOW_TO_GET_A_LINK}`,
  },
  not_found: {
    status: 404,
    title: "This is not a sign-in link",
    body: `<p>It may have been cut off when it was copied.</p>${HOW_TO_GET_A_LINK}`,
  },
  foreign_page: {
    status: 403,
    title: "Not signed in",
    body: "<p>This request came from another site's page. Open the link itself, and press the button there.</p>",
  },
  signed_out: {
    status: 200,
    title: "Sign in to Holdpoint",
    body: `<p>You need a sign-in link.</p>${HOW_TO_GET_A_LINK}`,
  },
};

/** The page of a link that works: a button, because only a press signs in, and a mail scanner presses none. */
export function renderSignInPage(person: { name: string; email: string; organisation: string }): Response {
  const body = `<p>You sign in as <strong><bdi>${escapeHtml(person.name)}</bdi></strong> (${escapeHtml(person.email)})
to the organisation <bdi>${escapeHtml(person.organisation)}</bdi>.</p>
<form method="post"><button type="submit" autofocus>Sign in</button></form>`;
  return renderPage(200, "Sign in to Holdpoint", body);
}

export function renderProblemPage(problem: SignInProblem): Response {
  const { status, title, body } = PROBLEMS[problem];
  return renderPage(status, title, body);
}

const MARK =
  '<svg aria-hidden="true" viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor" stroke-width="2.2">' +
  '<path d="M14 2.5h1.9l5.6 5.6v7.8l-5.6 5.6H8.1l-5.6-5.6V8.1l5.6-5.6H10M12 2v7"/></svg>';

function renderPage(status: number, title: string, body: string): Response {
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head>
<body><main>${MARK}<h1>${title}</h1>
${body}
</main></body></html>
`;
  return new Response(html, { status, headers: HEADERS });
}
