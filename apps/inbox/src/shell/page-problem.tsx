import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { ProblemNotice } from "../ui/problem-notice.tsx";

export function PageProblem({ error }: ErrorComponentProps) {
  return (
    <main className="mx-auto max-w-2xl p-6">
      <ProblemNotice error={error} onRetry={() => window.location.reload()} />
    </main>
  );
}

export function NotFound() {
  return (
    <main className="mx-auto max-w-2xl p-6">
      <h1 className="text-xl font-semibold">There is no such page</h1>
      <p className="mt-2">
        <Link to="/inbox" className="underline">
          Go to the inbox
        </Link>
      </p>
    </main>
  );
}
