// Runs before anything is drawn, so that the page does not flash in the other theme.
import { storedTheme } from "./stored-theme.ts";

const theme = storedTheme();
if (theme !== undefined) document.documentElement.dataset["theme"] = theme;
