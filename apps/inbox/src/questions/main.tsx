import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { QuestionsPage } from "./questions-page.tsx";

const root = document.getElementById("root");
if (root === null) throw new TypeError("questions.html has no #root");

createRoot(root).render(
  <StrictMode>
    <QuestionsPage />
  </StrictMode>,
);
