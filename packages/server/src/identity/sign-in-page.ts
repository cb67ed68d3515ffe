import { hash } from "node:crypto";

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:28rem;margin:18vh auto 0;padding:0 1.5rem}
h1{font-size:1.4rem;margin:0 0 .75rem}
button{font:inherit;font-weight:600;padding:.6rem 1.4rem;border:0;border-radius:.4rem;background:#1f5fd6;color:#fff;cursor:pointer}
button:focus-visible{outline:3px solid #8db4ff;outline-offset:2px}
code{font-family:ui-monospace,monospace;background:color-mix(in srgb,currentColor 10%,transparent);padding:.15rem .35rem;border-radius:.25rem}`;

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
  const body = `<p>You sign in as <strong>${escapeHtml(person.name)}</strong> (${escapeHtml(person.email)}),
organisation ${escapeHtml(person.organisation)}.</p>
<form method="post"><button type="submit" autofocus>Sign in</button></form>`;
  return renderPage(200, "Sign in to Holdpoint", body);
}

export function renderProblemPage(problem: SignInProblem): Response {
  const { status, title, body } = PROBLEMS[problem];
  return renderPage(status, title, body);
}

function renderPage(status: number, title: string, body: string): Response {
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1>
${body}
</main></body></html>
`;
  return new Response(html, { status, headers: HEADERS });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
