// Takes the picture of README.md, docs/images/held-deletion.svg: `node scripts/terminal-picture.ts`.
// The service runs with the example, a command runs in a pseudo-terminal, and what it wrote is drawn as it stands.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { recordSession } from "./terminal-session.ts";
import { readScreen, type TextRun } from "./terminal-screen.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const program = join(root, "packages", "holdpoint", "bin", "holdpoint.mjs");
const COLUMNS = 108;
const CELL = { width: 8.4, height: 19 };
const PADDING = 20;
const TITLE_HEIGHT = 34;

const TASK = "Delete 50 old records from the users table";

/** Text as an SVG. Each piece says its width, so that columns stand under each other in any font. */
export function renderPicture(rows: readonly (readonly TextRun[])[], title: string): string {
  const width = Math.ceil(COLUMNS * CELL.width + 2 * PADDING);
  const height = rows.length * CELL.height + 2 * PADDING + TITLE_HEIGHT;
  const lines = rows.flatMap((runs, row) =>
    runs
      .map((run) => renderRun(run, TITLE_HEIGHT + PADDING + (row + 0.75) * CELL.height))
      .filter((line) => line !== ""),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" xml:space="preserve" role="img" aria-label="${escape(title)}">
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d8dad6}
.b{font-weight:700;fill:#fff}.d{fill:#8b918a}.c1{fill:#f08a80}.c2{fill:#8fce86}.c3{fill:#e6c36a}.c4{fill:#86b2f0}.c6{fill:#7fcfcf}
</style>
<rect width="${width}" height="${height}" rx="8" fill="#161a17"/>
<text x="${PADDING}" y="23" class="d">${escape(title)}</text>
<path d="M0 ${TITLE_HEIGHT}H${width}" stroke="#2c322d"/>
${lines.join("\n")}
</svg>
`;
}

/** Spaces at either end draw nothing, and some viewers drop them. */
function renderRun({ column: start, text: written, bold, dim, color }: TextRun, y: number): string {
  const text = written.trim();
  if (text === "") return "";
  const column = start + written.indexOf(text);
  const classes = [bold ? "b" : "", dim ? "d" : "", color === undefined ? "" : `c${color}`];
  const names = classes.filter((name) => name !== "").join(" ");
  const x = (PADDING + column * CELL.width).toFixed(1);
  const length = (Array.from(text).length * CELL.width).toFixed(1);
  return `<text x="${x}" y="${y.toFixed(1)}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${names === "" ? "" : ` class="${names}"`}>${escape(text)}</text>`;
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Starts the example, runs the story, and stops it. Resolves with what the terminal shows. */
async function recordStory(): Promise<TextRun[][]> {
  const folder = await mkdtemp(join(tmpdir(), "holdpoint-picture-"));
  const env = {
    PATH: process.env["PATH"],
    HOLDPOINT_DATA_DIR: folder,
    HOLDPOINT_CONFIG: join(root, "examples", "data-manager", "holdpoint.config.ts"),
    PORT: "0",
  };
  const service = spawn(process.execPath, [program, "start", "--json"], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await once(service.stdout, "data"); // one line of JSON, when it serves
    const { output } = await recordSession({
      file: process.execPath,
      args: [program, "run", "data_manager", TASK, "--interactive"],
      cwd: root,
      env,
      columns: COLUMNS,
      typed: [
        { after: "leave? ", line: "modify" },
        { after: "table_name [", line: "" },
        { after: "count [", line: "10" },
        { after: "or back: ", line: "modify" },
      ],
    });
    return readScreen(output, COLUMNS);
  } finally {
    service.kill("SIGTERM");
    await once(service, "exit");
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const picture = renderPicture(
    await recordStory(),
    `npx holdpoint run data_manager "${TASK}" --interactive`,
  );
  await mkdir(join(root, "docs", "images"), { recursive: true });
  await writeFile(join(root, "docs", "images", "held-deletion.svg"), picture);
}
