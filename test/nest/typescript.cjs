'use strict';
// node --require this-file file.ts: compiles as the tests do, for tests that need a process of their own.
const { createHash, randomUUID } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { version } = require('@swc/core/package.json');

const OPTIONS = {
  swcrc: false,
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2023',
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

// The tests start many processes of the same three hundred files, and compiling these is a third of a start.
const CACHE = join(__dirname, '../../node_modules/.cache/job-queue/compiled');

Module._extensions['.ts'] = (module, filename) => {
  module._compile(compiled(filename, readFileSync(filename, 'utf8')), filename);
};

function compiled(filename, source) {
  const key = createHash('sha256')
    .update(JSON.stringify([version, OPTIONS, filename, source]))
    .digest('hex');
  const path = join(CACHE, key);
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not even loaded where all is in the cache.
    const { code } = require('@swc/core').transformSync(source, { ...OPTIONS, filename });
    keep(path, code);
    return code;
  }
}

/** Whole or not at all: others look for it at the same time. */
function keep(path, code) {
  try {
    mkdirSync(CACHE, { recursive: true });
    const making = `${path}.${randomUUID()}`;
    writeFileSync(making, code);
    renameSync(making, path);
  } catch {
    // A user without the right to write goes without.
  }
}

// An import() names the file that the compiler will have made: './x.js' is './x.ts' here.
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  try {
    return resolve.call(this, request, ...rest);
  } catch (error) {
    if (!/^\..*\.js$/.test(request)) throw error;
    return resolve.call(this, request.replace(/js$/, 'ts'), ...rest);
  }
};
