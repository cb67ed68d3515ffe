import type { ServerResponse } from "node:http";

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
  main { width: min(24rem, calc(100vw - 3rem)); padding: 2rem 0; }
  p.place { margin: 0; opacity: .7; font-size: .875rem; }
  h1 { font-size: 1.375rem; line-height: 1.25; margin: .25rem 0 1rem; }
  form { display: grid; gap: .75rem; margin-top: 1.5rem; }
  button { font: inherit; padding: .75rem 1rem; border-radius: .5rem; border: 1px solid GrayText; background: transparent;
    color: inherit; cursor: pointer; text-align: start; }
  button.first { background: #1d4ed8; border-color: #1d4ed8; color: #fff; text-align: center; }
  button.second { text-align: center; }
  button:focus-visible { outline: 3px solid #60a5fa; outline-offset: 2px; }
  small { display: block; opacity: .8; }
`;

/** One part of a page, already safe to send. Only `html` makes one. */
export interface Html {
  readonly text: string;
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Puts values into HTML as text; parts made by `html` stay as they are. */
export function html(strings: TemplateStringsArray, ...values: (string | Html | readonly Html[])[]): Html {
  const texts = values.map((value) => {
    if (typeof value === "string") return value.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? "");
    return "text" in value ? value.text : value.map(({ text }) => text).join("");
  });
  return { text: strings.map((part, index) => part + (texts[index] ?? "")).join("") };
}

/** Answers with a whole page. */
export function sendPage(
  response: ServerResponse,
  page: { title: string; body: Html; status?: number },
): void {
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${page.title} · Demo Calendar</title>
        <style>
          ${{ text: STYLE }}
        </style>
      </head>
      <body>
        <main>
          <p class="place">Demo Calendar</p>
          <h1>${page.title}</h1>
          ${page.body}
        </main>
      </body>
    </html>`;
  response.writeHead(page.status ?? 200, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  });
  response.end(text);
}
