'use strict';
/*
 * node this-file '[{"filePath":"lib/core/time/sleep.ts","text":"…"}]': prints, as JSON, the rules that each text would
 * break in the place of that file. In a process of its own, because jest cannot load ESLint's configuration.
 */
const { ESLint } = require('eslint');

const ERROR = 2;

async function main(texts) {
  const eslint = new ESLint({ overrideConfigFile: '.eslintrc.js' });
  const rules = [];
  for (const { filePath, text } of texts) {
    const [{ messages }] = await eslint.lintText(text, { filePath });
    rules.push(messages.filter(({ severity }) => severity === ERROR).map(({ ruleId }) => ruleId));
  }
  console.log(JSON.stringify(rules));
}

void main(JSON.parse(process.argv[2]));
