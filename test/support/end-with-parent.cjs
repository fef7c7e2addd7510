'use strict';
// node --require this-file: the pipe that is our standard input closes when the process that started us ends.
process.stdin.once('close', () => process.exit(1)).resume();
// A listener must not keep a process alive that would end by itself.
process.stdin.unref();
