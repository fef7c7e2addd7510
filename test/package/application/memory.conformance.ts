import { after, describe, it } from 'node:test';
import { backendConformance, memoryBackend } from 'nestjs-simple-job-queue/testing';

/** The suite as the author of a backend runs it, with Node's own test runner. */
backendConformance(
  'memory',
  async () => {
    const backend = memoryBackend();
    await backend.connect();
    return { backend, close: () => backend.close() };
  },
  { runner: { describe, it, afterAll: after } },
);
