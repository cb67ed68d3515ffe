import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm start` serves; the development server hands everything but the console itself on to it. */
const SERVICE = process.env["HOLDPOINT_URL"] ?? "http://localhost:7777";
const PROXIED = ["/v1", "/sign-in", "/sign-out", "/api", "/openapi.json"];

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: "es2023",
    // The strict policy has no inline anything: no data: scripts, no polyfill.
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      // What a late part needs is asked for after the part itself: browsers keep a failed import as failed, and of these only the
      // part can be asked for anew (service/fetch-module.ts).
      resolveDependencies: (_part, files, { hostType }) => (hostType === "html" ? files : []),
    },
    reportCompressedSize: false,
    // The console, and the page where end users answer what they are asked.
    rolldownOptions: { input: ["index.html", "questions.html"] },
  },
  server: {
    port: 5173,
    // The service answers to its own name only, and takes a cookie only from its own pages.
    proxy: Object.fromEntries(
      PROXIED.map((path) => [path, { target: SERVICE, changeOrigin: true, headers: { origin: SERVICE } }]),
    ),
  },
});
