import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from "./base64.ts";
import { formatCheckpoint, parseCheckpoint, readCheckpoint, verifyCheckpoint } from "./checkpoint.ts";
import {
  formatNote,
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  verifierKey,
  verifyNote,
} from "./signed-note.ts";

/** The example of https://c2sp.org/signed-note. */
const FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const FOO_NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;
/** The example of Go's golang.org/x/mod/sumdb/note, where the format comes from. */
const PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;
/** The example of https://c2sp.org/tlog-checkpoint. */
const CHECKPOINT_NOTE = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`;

describe("the published examples", () => {
  test.each([
    [FOO, FOO_NOTE],
    [PETER, PETER_NOTE],
  ])("%s", async (key, note) => {
    const { text } = await verifyNote(note, [parseVerifierKey(key)]);
    expect(note.startsWith(text)).toBe(true);
    expect(formatVerifierKey(parseVerifierKey(key))).toBe(key);
    await expect(verifyNote(note.replace("is", "was"), [parseVerifierKey(key)])).rejects.toMatchObject({
      fault: "bad_signature",
    });
  });

  test("a checkpoint", () => {
    const checkpoint = readCheckpoint(CHECKPOINT_NOTE);
    expect(checkpoint).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20_852_163 });
    expect(CHECKPOINT_NOTE.startsWith(formatCheckpoint(checkpoint))).toBe(true);
  });
});

describe("whose signature counts", () => {
  const keys = [parseVerifierKey(FOO), parseVerifierKey(PETER)];

  test("that of a known key; unknown ones are passed over", async () => {
    await expect(verifyNote(PETER_NOTE, [keys[0]!])).rejects.toMatchObject({ fault: "unknown_key" });
    await expect(verifyNote(PETER_NOTE, [])).rejects.toMatchObject({ fault: "unknown_key" });
    const stranger = CHECKPOINT_NOTE.split("\n").at(-2) ?? "";
    expect((await verifyNote(`${FOO_NOTE}${stranger}\n`, keys)).signatures).toHaveLength(2);
  });

  test("a wrong one by a known key refuses the note, whatever else has signed it", async () => {
    const [, wrong = ""] = /(— PeterNeumann .*)/.exec(PETER_NOTE) ?? [];
    await expect(verifyNote(`${FOO_NOTE}${wrong}\n`, keys)).rejects.toMatchObject({ fault: "bad_signature" });
  });

  test("a key speaks for the log of its name only", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const raw = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
    const key = verifierKey("holdpoint/org_a", raw);
    const signed = (origin: string) => {
      const text = formatCheckpoint({ origin, size: 3, root: new Uint8Array(32) });
      return formatNote(text, key, sign(null, Buffer.from(text), privateKey));
    };
    expect(await verifyCheckpoint(signed("holdpoint/org_a"), [key])).toMatchObject({ size: 3 });
    await expect(verifyCheckpoint(signed("holdpoint/org_b"), [key])).rejects.toMatchObject({
      fault: "wrong_log",
    });
  });
});

describe("what is not of the format", () => {
  test.each([
    ["no signature", "text\n"],
    ["no blank line", "text\n— a AAAAAAAA\n"],
    ["no line end", FOO_NOTE.trimEnd()],
    ["a control character", FOO_NOTE.replace("This", "\u0007This")],
    ["a tab", FOO_NOTE.replace(" is", "\tis")],
    ["a carriage return", FOO_NOTE.replaceAll("\n", "\r\n")],
    ["a hyphen for the dash", FOO_NOTE.replace("—", "-")],
    ["a plus sign in the name", FOO_NOTE.replace("example.com/foo ", "example.com+foo ")],
    ["a signature that is no base64", FOO_NOTE.replace("Uw2Q", "Uw2*")],
    ["a signature with a second spelling", FOO_NOTE.replace("yaQM=", "yaQN=")],
    ["a lone surrogate", FOO_NOTE.replace("This", "\ud800")],
    ["too many signatures", FOO_NOTE + (FOO_NOTE.split("\n").at(-2) + "\n").repeat(64)],
  ])("%s", (_what, note) => {
    expect(() => parseNote(note)).toThrow(expect.objectContaining({ fault: "malformed_note" }));
  });

  test.each([
    ["another type of key", "PeterNeumann+c74f20a3+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
    ["an id of another key", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
    ["another name", "PeterNewman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
    ["too few bytes", "PeterNeumann+c74f20a3+ARpc2QcUPDhM"],
    ["no name", "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
  ])("a verifier key with %s", (_what, key) => {
    expect(() => parseVerifierKey(key)).toThrow(expect.objectContaining({ fault: "malformed_key" }));
  });

  test.each([
    ["a leading zero", "o\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"],
    ["a size beyond counting", "o\n9007199254740992\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"],
    ["a short root", "o\n1\nCsUYapGGPo4=\n"],
    ["an empty line", "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\nx\n"],
    ["no origin", "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"],
    ["no root", "o\n1\n"],
  ])("a checkpoint with %s", (_what, text) => {
    expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining({ fault: "malformed_checkpoint" }));
  });
});

test("base64 both ways, for every length and every byte", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 37 + length * 11) % 256);
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
    expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
  }
  for (const wrong of ["A", "AA", "AA=", "AB==", "AAA", "A===", "AA==AA==", "=", " ", "AA A"]) {
    expect(fromBase64(wrong)).toBeUndefined();
  }
  for (const wrong of ["A", "AA==", "AB", "A+", "A/"]) expect(fromBase64Url(wrong)).toBeUndefined();
});
