import type { ServerResponse } from "node:http";
import type { Hold, JsonObject, JsonValue, Run } from "@holdpoint/protocol";
import { ScriptedServer, sendJson, type ReceivedRequest } from "./scripted-server.ts";

/** What fits as an answer, by hold. */
type Fits = (answer: JsonValue) => boolean;

/**
 * One run with questions, over real HTTP: the run's reading, its event stream and the decisions on its holds. When no hold
 * is pending any more the run is completed.
 */
export class QuestioningServer implements AsyncDisposable {
  readonly decisions: { holdId: string; body: JsonObject; key: unknown }[] = [];
  readonly #holds = new Map<string, { hold: Hold; fits: Fits }>();
  readonly #streams = new Set<ServerResponse>();
  #events = 0;
  #log: string[] = [];
  #server!: ScriptedServer;
  /** Called for each request; true means that it was answered. */
  before: (request: ReceivedRequest, response: ServerResponse) => boolean = () => false;
  /** How often its stream was opened. */
  opened = 0;

  static async start(): Promise<QuestioningServer> {
    const questioning = new QuestioningServer();
    questioning.#server = await ScriptedServer.start((request, response) =>
      questioning.#answer(request, response),
    );
    return questioning;
  }

  get url(): string {
    return this.#server.url;
  }

  get streams(): number {
    return this.#streams.size;
  }

  ask(id: string, question: JsonObject | null, fits: Fits = () => true): void {
    const kind =
      question === null
        ? "approval"
        : question["type"] === "authorization"
          ? "authorization"
          : "clarification";
    const hold = { id, kind, status: "pending", title: `Question ${id}`, question, runId: "run_1" };
    this.#holds.set(id, { hold: hold as unknown as Hold, fits });
    this.tell("hold.created");
  }

  /** Somebody else ends it. */
  end(id: string, status: Hold["status"]): void {
    const found = this.#holds.get(id);
    if (found !== undefined) found.hold.status = status;
    this.tell("hold.decided");
    if (this.#pending() === 0) this.tell("run.completed");
  }

  tell(type: string): void {
    const number = ++this.#events;
    const event = `id: ${number}\nevent: ${type}\ndata: ${JSON.stringify({ id: `evt_${number}`, type, data: {} })}\n\n`;
    this.#log.push(event);
    for (const stream of this.#streams) stream.write(event);
  }

  breakStreams(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }

  #pending(): number {
    return [...this.#holds.values()].filter(({ hold }) => hold.status === "pending").length;
  }

  #answer(request: ReceivedRequest, response: ServerResponse): void {
    if (this.before(request, response)) return;
    const { path } = request;
    if (path === "/v1/agents/tester/runs") sendJson(response, 201, this.#run());
    else if (path === "/v1/runs/run_1") {
      sendJson(response, 200, this.#run());
    } else if (path === "/v1/runs/run_1/events") this.#open(request, response);
    else if (path === "/v1/connections/authorize") {
      sendJson(response, 200, { url: "https://example.com/begin", expiresAt: "2026-08-01T00:10:00Z" });
    } else this.#decide(request, response);
  }

  #open(request: ReceivedRequest, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("retry: 1\n\n");
    for (const event of this.#log.slice(Number(request.headers["last-event-id"] ?? "0")))
      response.write(event);
    this.opened++;
    this.#streams.add(response);
    response.once("close", () => this.#streams.delete(response));
  }

  #decide(request: ReceivedRequest, response: ServerResponse): void {
    const holdId = request.path.split("/")[3] ?? "";
    const body = request.body as JsonObject;
    this.decisions.push({ holdId, body, key: request.headers["idempotency-key"] });
    const found = this.#holds.get(holdId);
    if (found === undefined) return problem(response, 404, "not_found");
    if (found.hold.status !== "pending") return problem(response, 409, "already_decided");
    if (body["verdict"] === "answer" && !found.fits(body["answer"] ?? null)) {
      return problem(response, 422, "invalid_answer");
    }
    found.hold.status = body["verdict"] === "answer" ? "answered" : "rejected";
    sendJson(response, 200, found.hold);
    this.tell("hold.decided");
    if (this.#pending() === 0) this.tell("run.completed");
    return undefined;
  }

  #run(): Partial<Run> {
    const isOver = this.#holds.size > 0 && this.#pending() === 0;
    return {
      id: "run_1",
      status: isOver ? "completed" : this.#pending() > 0 ? "holding" : "running",
      endedAt: isOver ? "2026-08-01T00:00:00Z" : null,
      holds: [...this.#holds.values()].map(({ hold }) => ({ ...hold })),
    };
  }
}

function problem(response: ServerResponse, status: number, code: string): void {
  sendJson(response, status, { code, status, detail: `It says ${code}.`, requestId: "req_1" });
}
