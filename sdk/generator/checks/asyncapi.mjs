// Checks AsyncAPI documents with @asyncapi/parser, and with ajv that each example of a message is valid by its schema.
//
//   node asyncapi.mjs FOLDER DOCUMENT...
//
// FOLDER is where `npm install` put node_modules (see package.json). Fails on every diagnostic of severity error or warning that is not
// accepted below, with the reason; an acceptance that nothing needs any more fails too. Exit code: 0 fine, 1 diagnostics, 2 wrong usage.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

// { code, reason }: what the parser's rule says and why we do otherwise.
const accepted = [
];

const [folder, ...documents] = process.argv.slice(2);
if (!folder || documents.length === 0) {
  console.error('usage: node asyncapi.mjs FOLDER DOCUMENT...');
  process.exit(2);
}
const require = createRequire(join(resolve(folder), 'package.json'));
const { Parser } = require('@asyncapi/parser');
const Ajv = require('ajv');

const severities = ['error', 'warning', 'information', 'hint'];
const used = new Set();
let faults = 0;
for (const file of documents) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(file, 'utf8'), { source: file });
  for (const { code, severity, path, message } of diagnostics) {
    if (severity > 1) continue;
    const known = accepted.find((one) => one.code === code);
    if (known) {
      used.add(known);
      continue;
    }
    console.error(`${file}: /${path.join('/')}: ${severities[severity]} ${code}: ${message}`);
    ++faults;
  }
  if (!document) {
    console.error(`${file}: the parser gave no document`);
    ++faults;
    continue;
  }
  // AsyncAPI's own dialect is that of JSON Schema draft 7, which is what ajv takes by default; strict mode would refuse x- keywords.
  const ajv = new Ajv({ strict: false });
  let examples = 0;
  for (const message of document.messages().all()) {
    const schema = message.payload()?.json();
    for (const example of message.examples().all()) {
      ++examples;
      if (ajv.validate(schema, example.payload())) continue;
      console.error(`${file}: ${message.name()}: the example is not valid: ${ajv.errorsText()}`);
      ++faults;
    }
  }
  const count = (collection) => collection.all().length;
  console.log(
    `${file}: ${count(document.servers())} servers, ${count(document.channels())} channels, ${count(document.operations())} operations, ` +
      `${count(document.messages())} messages, ${examples} examples`,
  );
}
for (const one of accepted) {
  if (used.has(one)) continue;
  console.error(`asyncapi.mjs: '${one.code}' is accepted, but nothing needs it; remove it`);
  ++faults;
}
if (faults > 0) console.error(`${faults} faults`);
process.exit(faults > 0 ? 1 : 0);
