// docs/assignment.md in JavaScript: reproduces every vector of assignment.json, or says which it does not.
import { readFileSync } from "node:fs";

const WORD = (1n << 64n) - 1n;
const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

const rotl = (word, by) => ((word << by) | (word >> (64n - by))) & WORD;
const scramble1 = (word) => (rotl((word * C1) & WORD, 31n) * C2) & WORD;
const scramble2 = (word) => (rotl((word * C2) & WORD, 33n) * C1) & WORD;

function mix(word) {
  word = ((word ^ (word >> 33n)) * 0xff51afd7ed558ccdn) & WORD;
  word = ((word ^ (word >> 33n)) * 0xc4ceb9fe1a85ec53n) & WORD;
  return word ^ (word >> 33n);
}

function hash(bytes) {
  const whole = bytes.length - (bytes.length % 16);
  const filled = new DataView(new ArrayBuffer(whole + 16));
  bytes.forEach((byte, at) => filled.setUint8(at, byte));
  let [h1, h2] = [0n, 0n];
  for (let at = 0; at < whole; at += 16) {
    h1 = ((rotl(h1 ^ scramble1(filled.getBigUint64(at, true)), 27n) + h2) * 5n + 0x52dce729n) & WORD;
    h2 = ((rotl(h2 ^ scramble2(filled.getBigUint64(at + 8, true)), 31n) + h1) * 5n + 0x38495ab5n) & WORD;
  }
  const length = BigInt(bytes.length);
  h1 ^= scramble1(filled.getBigUint64(whole, true)) ^ length;
  h2 ^= scramble2(filled.getBigUint64(whole + 8, true)) ^ length;
  h1 = (h1 + h2) & WORD;
  h2 = (h2 + h1) & WORD;
  return (mix(h1) + mix(h2)) & WORD;
}

// TextEncoder would put U+FFFD in the place of a lone surrogate.
function utf8(text) {
  const bytes = [];
  for (const character of text) {
    const point = character.codePointAt(0);
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else {
      bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    }
  }
  return bytes;
}

const hashOf = (purpose, salt, unit) => hash(utf8(`${purpose}/${salt}/${unit}`));
const bucketOf = (h) => Number((h * 10000n) >> 64n);
const bucket = (purpose, salt, unit) => bucketOf(hashOf(purpose, salt, unit));

const NUMBER = /^-?(0|[1-9][0-9]{0,14})(\.[0-9]{0,30}[1-9])?$/;
const DECIMAL = /^-?[0-9]{1,15}(\.[0-9]{1,31})?$/;
const VERSION = /^[vV]?([0-9]{1,9}(?:\.[0-9]{1,9}){0,5})(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

const isKnown = (value) => ["string", "boolean"].includes(typeof value) || Number.isFinite(value);

function meant(value) {
  if (typeof value !== "string") return value;
  if (NUMBER.test(value)) return Number(value);
  return value === "true" ? true : value === "false" ? false : value;
}

function partsOf(version) {
  const parts = version.split(".").map(Number);
  while (parts.length && !parts.at(-1)) parts.pop();
  return parts;
}

function isAtLeast(given, wanted) {
  if (typeof given === "number") return DECIMAL.test(wanted) && given >= Number(wanted);
  const version = VERSION.exec(given);
  if (typeof given !== "string" || !version) return false;
  const [has, needs] = [partsOf(version[1]), partsOf(VERSION.exec(wanted)[1])];
  for (let at = 0; at < Math.max(has.length, needs.length); at++) {
    if (has[at] === undefined) return false;
    if (needs[at] === undefined || has[at] > needs[at]) return true;
    if (has[at] < needs[at]) return false;
  }
  return !version[2];
}

function holds({ attribute, operator, values }, attributes) {
  const given = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
  const known = isKnown(given);
  const same = known && values.some((value) => value === meant(given));
  const text = (found) => typeof given === "string" && values.some(found);
  switch (operator) {
    case "exists": return known;
    case "missing": return !known;
    case "is": return same;
    case "is_not": return !same;
    case "contains": return text((value) => given.includes(value));
    case "starts_with": return text((value) => given.startsWith(value));
    case "ends_with": return text((value) => given.endsWith(value));
    case "greater": return known && typeof meant(given) === "number" && meant(given) > values[0];
    case "less": return known && typeof meant(given) === "number" && meant(given) < values[0];
    case "at_least_version": return known && isAtLeast(given, values[0]);
  }
  throw new Error(`unknown operator ${operator}`);
}

function pick(flag, place) {
  let bound = 0;
  return flag.variants.find((_, at) => place < (bound += flag.weights[at]));
}

function assign(flag, unit, attributes) {
  if (Object.hasOwn(flag.overrides, unit)) return [flag.overrides[unit], "tester", false];
  if (flag.serves === "control") return [flag.control, "not_serving", false];
  if (!flag.audience.every((condition) => holds(condition, attributes))) return [flag.control, "not_targeted", false];
  if (bucket("holdout", flag.workspace, unit) < flag.holdout) return [flag.control, "holdout", false];
  if (flag.serves === "rollout") return [pick(flag, bucket("exposure", flag.salt, unit)), "assigned", true];
  if (flag.exclusion) {
    const { group, first, share } = flag.exclusion;
    const place = bucket("group", group, unit);
    if (place < first || place >= first + share) return [flag.control, "other_experiment", false];
  }
  if (bucket("exposure", flag.salt, unit) >= flag.exposure) return [flag.control, "not_exposed", false];
  return [pick(flag, bucket("variant", flag.salt, unit)), "assigned", true];
}

const golden = JSON.parse(readFileSync(process.argv[2], "utf8"));
const wrong = [];
const hex = (word) => word.toString(16).padStart(16, "0");
const expect = (what, found, wanted) => {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push(`${what}: ${found} instead of ${wanted}`);
};

for (const [text, wanted] of Object.entries(golden.hashes)) expect(`hash of "${text}"`, hex(hash(utf8(text))), wanted);
for (const [purpose, salt, unit, ...wanted] of golden.places.rows) {
  const h = hashOf(purpose, salt, golden.units[unit]);
  expect(`${purpose} of unit ${unit}`, [hex(h), bucketOf(h)], wanted);
}
golden.vectors.rows.forEach(([flagAt, unitAt, attributesAt, ...wanted], row) => {
  const [flag, unit] = [golden.flags[flagAt], golden.units[unitAt]];
  const hashes = ["exposure", "variant"].map((purpose) => hashOf(purpose, flag.salt, unit));
  const [variant, why, exposed] = assign(flag, unit, golden.attributes[attributesAt]);
  const outcome = [flag.variants.indexOf(variant), golden.why.indexOf(why), Number(exposed)];
  expect(`vector ${row}`, [...hashes.map(hex), ...hashes.map(bucketOf), ...outcome], wanted);
});

wrong.slice(0, 20).forEach((line) => console.error(line));
if (wrong.length) console.error(`${wrong.length} differ`);
else console.log(`${golden.vectors.rows.length} vectors and ${golden.places.rows.length} places reproduced`);
process.exitCode = wrong.length ? 1 : 0;
