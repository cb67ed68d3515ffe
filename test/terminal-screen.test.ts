import { expect, test } from "vitest";
import { renderPicture } from "../scripts/terminal-picture.ts";
import { readScreen } from "../scripts/terminal-screen.ts";

const plain = { bold: false, dim: false, color: undefined };
const text = (output: string, columns = 20) =>
  readScreen(output, columns).map((runs) => runs.map((run) => run.text).join(""));

test("a later word takes the place of an earlier one, as on a terminal", () => {
  expect(text("one\rtwo\r\nthree\u001b[2G\u001b[0J!")).toEqual(["two", "t!"]);
});

test("a line that is too long goes on in the next row, and one that just fits does not", () => {
  expect(text("abcdef", 4)).toEqual(["abcd", "ef"]);
  expect(text("abcd\r\nef", 4)).toEqual(["abcd", "ef"]);
});

test("styles are kept with the text that they are for", () => {
  expect(readScreen("\u001b[1mbold\u001b[22m \u001b[33mgold\u001b[39m", 20)).toEqual([
    [
      { ...plain, bold: true, column: 0, text: "bold" },
      { ...plain, column: 4, text: " " },
      { ...plain, color: 3, column: 5, text: "gold" },
    ],
  ]);
});

test("what it does not know it refuses", () => {
  expect(() => text("\u001b[5A")).toThrow("control sequence 5A");
  expect(() => text("\u001b[7m")).toThrow("style 7");
  expect(() => text("\u0007")).toThrow("cannot read");
});

test("text is drawn as text, whatever it says", () => {
  expect(renderPicture(readScreen('<b> & "', 20), "title")).toContain("&lt;b&gt; &amp; &quot;</text>");
});
