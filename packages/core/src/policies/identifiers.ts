/*
 * Numbers that stand for a person or an account, known by their check digits. All of these look at bounded text only.
 */

/** ISO 13616: letters and digits, moved and counted as one number, give 1 modulo 97. */
export function isIban(text: string): boolean {
  if (!/^[A-Za-z]{2}[0-9]/.test(text)) return false;
  const iban = text.replaceAll(" ", "").toUpperCase();
  if (!/^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$/.test(iban)) return false;
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** ISO/IEC 7812: 13 to 19 digits of an issuer that there is, with Luhn's check digit. */
export function isCardNumber(text: string): boolean {
  if (!/^[2-6]/.test(text)) return false;
  const digits = text.replaceAll(/[ -]/g, "");
  if (!/^[2-6][0-9]{12,18}$/.test(digits)) return false;
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits.at(-1 - place));
    const doubled = digit * 2;
    sum += place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0 && new Set(digits).size > 1;
}

/** E.164 with its +, in groups or not; national spellings are left to the names of arguments. */
export function isPhoneNumber(text: string): boolean {
  if (!/^[+0]/.test(text)) return false;
  const digits = text.replaceAll(/[ ()./-]/g, "");
  return /^(?:\+|00)[1-9][0-9]{7,14}$/.test(digits);
}

/** Numbers of the US, United Kingdom, Spain, France, Italy and Switzerland, each with the check that it has. */
export function isNationalId(text: string): boolean {
  if (text.length > 25) return false;
  const plain = text.toUpperCase().replaceAll(/[ .]/g, "");
  return (
    isUnitedStates(plain) ||
    isBritish(plain) ||
    isSpanish(plain) ||
    isFrench(plain) ||
    isItalian(plain) ||
    isSwiss(plain)
  );
}

function isUnitedStates(text: string): boolean {
  return /^(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}$/.test(text);
}

function isBritish(text: string): boolean {
  return /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]$/.test(text);
}

function isSpanish(text: string): boolean {
  const found = /^([XYZ]?)([0-9]{7,8})-?([A-Z])$/.exec(text);
  if (found === null) return false;
  const [, prefix = "", digits = "", letter] = found;
  if (prefix.length + digits.length !== 8) return false;
  const number = Number(`${prefix === "" ? "" : "XYZ".indexOf(prefix)}${digits}`);
  return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] === letter;
}

function isFrench(text: string): boolean {
  const found = /^([12][0-9]{2}(?:0[1-9]|1[0-2])(?:[0-9]{2}|2[AB])[0-9]{6})([0-9]{2})$/.exec(text);
  if (found === null) return false;
  const number = (found[1] as string).replace("2A", "19").replace("2B", "18");
  return 97n - (BigInt(number) % 97n) === BigInt(found[2] as string);
}

function isItalian(text: string): boolean {
  return /^[A-Z]{6}[0-9]{2}[ABCDEHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]$/.test(text);
}

function isSwiss(text: string): boolean {
  if (!/^756[0-9]{10}$/.test(text)) return false;
  const sum = Array.from(text).reduce(
    (total, digit, place) => total + Number(digit) * (place % 2 === 0 ? 1 : 3),
    0,
  );
  return sum % 10 === 0;
}
