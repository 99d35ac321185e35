// ajv as a filter, for differential.py; lines as in verdicts.cpp.
//
// usage: node verdicts.mjs NODE FOLDER    NODE: the folder that has node_modules; FOLDER: schemas of one form
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const [node, folder] = process.argv.slice(2);
const Ajv2020 = createRequire(join(resolve(node), "package.json"))("ajv/dist/2020").default;

// Strict: a keyword that is neither of the standard nor one of ours is a fault of the schema.
const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: true, ownProperties: true });
ajv.addVocabulary([
  "x-deprecated", "x-label-since", "x-maxBytes", "x-maxDepth", "x-open", "x-since", "x-tag", "x-unit", "x-values",
]);

const validators = new Map();
function get(name) {
  if (!validators.has(name)) {
    const path = join(folder, `${name}.json`);
    validators.set(name, existsSync(path) ? ajv.compile(JSON.parse(readFileSync(path, "utf8"))) : undefined);
  }
  return validators.get(name);
}

// Of a message, as a receiver finds it: by kind and name. Of anything else: the one that it was made from.
function validatorOf(value, otherwise) {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    const own = (member) => (Object.hasOwn(value, member) ? value[member] : undefined);
    const [kind, name] = [own("kind"), own("name")];
    if (kind === "error") return get("error");
    if (typeof name === "string" && /^[A-Za-z0-9.]+$/.test(name)) {
      const found = (kind === "reply" && get(`${name}.reply`)) || get(name);
      if (found?.schema.properties.name.const === name) return found;
    }
  }
  return get(otherwise);
}

const strings = /"(?:[^"\\]|\\.)*"?/gs;

// Of brackets outside strings.
function depthOf(text) {
  let deepest = 0;
  let depth = 0;
  for (const bracket of text.replace(strings, "").match(/[[\]{}]/g) ?? []) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

// What JSON.parse takes and we do not, even in a member that comes again: numbers beyond double, and lone surrogates.
function beyond(text) {
  const numbers = text.replace(strings, "").match(/-?\d[\d.eE+-]*/g) ?? [];
  if (numbers.some((number) => !Number.isFinite(Number(number)))) return true;
  return (text.match(strings) ?? []).some((string) => /[\ud800-\udfff]/u.test(JSON.parse(string)));
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function faultsOf(name, bytes) {
  let text;
  try {
    text = decoder.decode(bytes);
  } catch {
    return [["syntax", ""]];
  }
  const faults = [];
  if (depthOf(text) > get(name).schema["x-maxDepth"]) faults.push(["depth", ""]);
  let value;
  try {
    value = JSON.parse(text);
    if (beyond(text)) return [...faults, ["syntax", ""]];
  } catch {
    return [...faults, ["syntax", ""]];
  }
  const validate = validatorOf(value, name);
  if (bytes.length > validate.schema["x-maxBytes"]) faults.push(["size", ""]);
  if (!validate(value)) for (const error of validate.errors) faults.push([error.keyword, error.instancePath]);
  return faults;
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const [name, data] = line.split(" ");
  const faults = faultsOf(name, Buffer.from(data, "base64"));
  process.stdout.write(JSON.stringify(faults.length > 0 ? { ok: false, faults } : { ok: true }) + "\n");
}
