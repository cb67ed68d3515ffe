import { describe, expect, test } from "vitest";
import { openDatabase } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrations.ts";
import { startPostgres } from "../../src/testing/postgres-server.ts";
import { silentLogger as logger } from "../../src/testing/silent-logger.ts";
import { describeEachStore } from "../../src/testing/stores.ts";

/** Collects what a listener is told, and lets a test wait for it. */
class Ear {
  readonly heard: string[] = [];
  #waiting: { needed: number; resolve: () => void } | undefined;

  onNotify = (payload: string): void => this.#hear(payload);
  onResync = (): void => this.#hear("(resync)");

  async hears(needed: number): Promise<string[]> {
    if (this.heard.length < needed) {
      await new Promise<void>((resolve) => {
        this.#waiting = { needed, resolve };
      });
    }
    return this.heard;
  }

  #hear(word: string): void {
    this.heard.push(word);
    if (this.#waiting && this.heard.length >= this.#waiting.needed) this.#waiting.resolve();
  }
}

describeEachStore("wake-ups", (store) => {
  test("reach every listener in order, until it is closed", async () => {
    const { database } = store();
    const [first, second] = [new Ear(), new Ear()];
    const subscription = await database.listen(first);
    const other = await database.listen(second);
    await database.notify("hold_1");
    await database.notify("hold_2");
    expect(await first.hears(2)).toEqual(["hold_1", "hold_2"]);
    expect(await second.hears(2)).toEqual(["hold_1", "hold_2"]);
    subscription.close();
    await database.notify("hold_3");
    expect(await second.hears(3)).toEqual(["hold_1", "hold_2", "hold_3"]);
    expect(first.heard).toHaveLength(2);
    other.close();
  });

  test("a listener that throws does not silence the others", async () => {
    const { database } = store();
    const ear = new Ear();
    const failing = await database.listen({
      onNotify: () => {
        throw new Error("deaf");
      },
      onResync: () => {},
    });
    const subscription = await database.listen(ear);
    await database.notify("hold_1");
    expect(await ear.hears(1)).toEqual(["hold_1"]);
    failing.close();
    subscription.close();
  });

  test("a payload too long to send is heard, as itself or as a resync", async () => {
    const { database } = store();
    const ear = new Ear();
    const subscription = await database.listen(ear);
    await database.notify("ö".repeat(4_000));
    expect((await ear.hears(1))[0]).toBe(store().kind === "postgres" ? "(resync)" : "ö".repeat(4_000));
    subscription.close();
  });
});

describe("wake-ups over PostgreSQL", () => {
  test("reach other processes, and a listener is told to resync after its connection was lost", async () => {
    // It is killed: what was committed must be there when it is back.
    const server = await startPostgres({ settings: ["synchronous_commit=on"] });
    const [here, there] = [
      await openDatabase({ url: server.url(), logger }),
      await openDatabase({ url: server.url(), logger }),
    ];
    await here.ownerSession((owner) => migrate(owner));
    const ear = new Ear();
    await there.listen(ear);
    await here.notify("hold_1");
    expect(await ear.hears(1)).toEqual(["hold_1"]);
    await server.kill();
    await server.start();
    expect(await ear.hears(2)).toEqual(["hold_1", "(resync)"]);
    await expect
      .poll(() =>
        here.notify("hold_2").then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect((await ear.hears(3))[2]).toBe("hold_2");
    await Promise.all([here.close(), there.close()]);
    await server.remove();
  });
});
