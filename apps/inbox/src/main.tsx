import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { listenForKeys } from "./keys/use-key.ts";
import { router } from "./routes.tsx";
import { live } from "./service/live.ts";
import { queryClient } from "./service/queries.ts";
import { watchSession } from "./service/session-watch.ts";

const root = document.getElementById("root");
if (root === null) throw new TypeError("index.html has no #root");

live.start();
watchSession();
listenForKeys();
createRoot(root).render(
  <StrictMode>
    {/* The policy forbids style elements made at run time. */}
    <CSPProvider disableStyleElements>
      <Tooltip.Provider delay={500}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </Tooltip.Provider>
    </CSPProvider>
  </StrictMode>,
);
