import './assembly';

export { memoryBackend, type MemoryBackendOptions } from './backends/memory/memory-backend';
export type { Clock } from './backends/memory/clock';
export {
  backendConformance,
  type BackendConformanceOptions,
  type SkippedCase,
  type TestRunner,
} from './testing/conformance/backend-conformance';
export type { OpenBackend, OpenedBackend, TestedApplication } from './testing/conformance/open-backend';
export { JobQueueTestingModule, type JobQueueTestingOptions } from './testing/job-queue-testing.module';
export type { AddedJob } from './testing/added-job';
export {
  type Drained,
  type FailedJob,
  JobQueueTester,
  type JobQueueTesterOptions,
  type RanJob,
} from './testing/job-queue-tester';
export type { TestTransaction } from './testing/test-backend';
