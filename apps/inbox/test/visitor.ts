import { join } from "node:path";
import type { CreateHold, EndUserLink, Hold, JsonValue } from "@holdpoint/protocol";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import type { ServiceProcess } from "./service-process.ts";

/** An end user with a device of their own, on the hosted page. */
export class Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and policy violations that the page reported. Empty at the end of a good test. */
  readonly complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    this.watch(page);
  }

  static async with(browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Visitor> {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      ...options,
    });
    return new Visitor(context, await context.newPage());
  }

  /** A new end user who has opened their link here. */
  static async come(
    browser: Browser,
    service: ServiceProcess,
    endUserId: string,
    options?: Parameters<Browser["newContext"]>[0],
  ): Promise<Visitor> {
    const visitor = await Visitor.with(browser, options);
    await visitor.open(await service.client().endUsers.createLink(endUserId));
    return visitor;
  }

  watch(page: Page): void {
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      // Refused and failed requests are told by the browser too; tests cause them on purpose.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        this.complaints.push(message.text());
    });
  }

  async open({ url, code }: Pick<EndUserLink, "url" | "code">): Promise<void> {
    await this.page.goto(url);
    await this.page.getByLabel("Code").fill(code);
    await this.page.getByRole("button", { name: "Open my questions" }).click();
    await this.page.waitForURL("**/questions");
    await this.isRead();
  }

  /** The questions, or that there are none, stand there. */
  async isRead(): Promise<void> {
    await this.page.locator(".hp-questions").waitFor();
  }

  /** The card of a question. */
  card(title: string): Locator {
    return this.page.getByRole("article", { name: title });
  }

  /** For the eye, where somebody asks for it. */
  async look(name: string): Promise<void> {
    const shots = process.env["CONSOLE_SHOTS"];
    if (shots !== undefined) await this.page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  }
}

/** Asks an end user something over the API; the id of the hold. */
export async function askEndUser(
  service: ServiceProcess,
  endUserId: string,
  title: string,
  question: CreateHold["question"],
  more: Partial<Pick<CreateHold, "summary" | "timeoutSeconds">> = {},
): Promise<string> {
  const hold = (await service.client().holds.create({
    kind: "clarification",
    title,
    question,
    endUserId,
    agentId: "travel_agent",
    ...more,
  })) as Hold;
  return hold.id;
}

/** What was answered, as the agent reads it. */
export async function answerOf(service: ServiceProcess, holdId: string): Promise<JsonValue> {
  return (await service.client().holds.get(holdId)).outcome?.answer ?? null;
}
