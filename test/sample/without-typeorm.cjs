'use strict';

/* Required by a program, it makes TypeORM a package that is not installed. */

const { Module } = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  if (/^(@nestjs\/)?typeorm(\/|$)/.test(name)) throw new Error(`The sample loads ${name}`);
  return resolve.call(this, name, ...rest);
};
