import { CYCLE_SUBJECTS, type CycleResult } from "../rows/cycle.ts";
import type { Result } from "./result.ts";
import { summarize } from "./summary.ts";

const SHOWN = ["bare", "product", "dbos", "langgraph"] as const satisfies (keyof typeof CYCLE_SUBJECTS)[];
const LABELS = {
  bare: "Bare server: Hono and pg, nothing else",
  product: "Holdpoint",
  dbos: "DBOS, recv and send, in process",
  langgraph: "LangGraph.js, interrupt and resume, in process",
} as const satisfies Record<(typeof SHOWN)[number], string>;

const WIDTH = 760;
const MARGIN = 24;
const BAR = { top: 84, height: 22, step: 56, longest: 610 };

/** The picture of the README: cycles per second of those that people compare, at the widest. Light and dark. */
export function renderCyclesPlot({ plan, machine, startedAt }: Result, { cells }: CycleResult): string {
  const clients = plan.clients.at(-1) ?? 1;
  const summaries = summarize(cells).filter((summary) => summary.clients === clients);
  const bars = SHOWN.map((name) => ({
    name,
    rate: summaries.find(({ subject }) => subject === CYCLE_SUBJECTS[name])?.cyclesPerSecond ?? 0,
  }));
  const most = Math.max(...bars.map(({ rate }) => rate));
  const height = BAR.top + BAR.step * bars.length + 34;
  const title = `Approvals a second, ${clients} clients`;
  const about = `One approval: an action is held and decided, both on disk in one PostgreSQL. ${machine.cores} cores in all, ${startedAt.slice(0, 10)}.`;
  const described = bars.map(({ name, rate }) => `${LABELS[name]}: ${rate.toFixed(0)}`).join("; ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(`${title}. ${described}.`)}">
<style>
text{font:14px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:#1f2421}
.title{font-size:18px;font-weight:600}.quiet{font-size:12.5px;fill:#5d655f}.rate{font-weight:600}
.card{fill:#fbfbf9;stroke:#d9ddd8}.bar{fill:#b3bab4}.own{fill:#2f7a4f}
@media (prefers-color-scheme:dark){text{fill:#e4e7e3}.quiet{fill:#9aa29b}.card{fill:#161a17;stroke:#2c322d}.bar{fill:#5b645d}.own{fill:#5fbf86}}
</style>
<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
<text class="title" x="${MARGIN}" y="38">${escape(title)}</text>
<text class="quiet" x="${MARGIN}" y="60">${escape(about)}</text>
${bars.map(({ name, rate }, at) => renderBar(LABELS[name], rate, { length: (rate / most) * BAR.longest, at, isOwn: name === "product" })).join("\n")}
<text class="quiet" x="${MARGIN}" y="${height - 16}">Longer is better. Drawn by npm run bench from bench/results.</text>
</svg>
`;
}

interface BarPlace {
  length: number;
  at: number;
  isOwn: boolean;
}

function renderBar(label: string, rate: number, { length, at, isOwn }: BarPlace): string {
  const top = BAR.top + at * BAR.step;
  const width = Math.max(2, length);
  return [
    `<text x="${MARGIN}" y="${top + 12}">${escape(label)}</text>`,
    `<rect class="${isOwn ? "own" : "bar"}" x="${MARGIN}" y="${top + 19}" width="${width.toFixed(1)}" height="${BAR.height}" rx="3"/>`,
    `<text class="rate" x="${(MARGIN + width + 9).toFixed(1)}" y="${top + 35}">${Math.round(rate).toLocaleString("en")}</text>`,
  ].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
