// The last line of .ci/run: node scripts/tally.mjs TESTS.json TESTS_STATUS CHECKS.json CHECKS_STATUS
import { readFileSync } from "node:fs";

const [testsFile, testsStatus, checksFile, checksStatus] = process.argv.slice(2);

const parts = [part(countTests(testsFile), testsStatus), part(countChecks(checksFile), checksStatus)];
const passed = parts.reduce((sum, count) => sum + count.passed, 0);
const failed = parts.reduce((sum, count) => sum + count.failed, 0);
const skipped = parts.reduce((sum, count) => sum + count.skipped, 0);

if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

// A command that failed although nothing it reported did (a crash, an unhandled rejection, an installation
// that broke off) counts as one failure.
function part(count, status) {
  return status !== "0" && count.failed === 0 ? { ...count, failed: 1 } : count;
}

function countTests(path) {
  const report = read(path);
  if (report === undefined) return { passed: 0, failed: 0, skipped: 0 };
  // A file that cannot be loaded has no test that could fail.
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function countChecks(path) {
  const results = read(path) ?? [];
  const passedChecks = results.filter((result) => result.passed).length;
  return { passed: passedChecks, failed: results.length - passedChecks, skipped: 0 };
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
