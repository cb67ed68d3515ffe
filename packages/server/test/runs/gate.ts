import { z } from "zod";
import { defineTool, type DefinedTool } from "../../src/agents/tool.ts";

/** `work` runs until the test lets it go, or until it is told to stop. */
export interface Gate {
  tool: DefinedTool;
  begun: Promise<void>;
  letGo(): void;
  told: Promise<unknown>;
}

export function createGate(heedsSignal: boolean): Gate {
  const begun = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const told = Promise.withResolvers<unknown>();
  return {
    begun: begun.promise,
    letGo: gone.resolve,
    told: told.promise,
    tool: defineTool({
      name: "work",
      description: "Works for long.",
      input: z.object({}),
      reversibility: "reversible",
      async execute(_args, { signal }) {
        begun.resolve();
        const stopped = new Promise<never>((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            told.resolve(signal.reason);
            if (heedsSignal) reject(new Error("told to stop"));
          });
        });
        await Promise.race([gone.promise, stopped]);
        return "worked";
      },
    }),
  };
}
