// Plain JavaScript for Node 20.
let isWatching = false;

/**
 * Under npm and npx: ends this process by SIGTERM when its parent is gone. npm passes a signal to the shell
 * in which it runs us, and that shell ends without passing it on; the service would go on without anybody
 * who could stop it. A changed parent is the only sign of it. Elsewhere nothing happens: who starts the
 * command line himself may leave it running.
 */
export function endWithParent() {
  if (isWatching || process.env.npm_lifecycle_event === undefined || process.platform === "win32") return;
  isWatching = true;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, 250);
  watch.unref();
}
