export { memoryBackend, type MemoryBackendOptions } from './backends/memory/memory-backend';
export type { Clock } from './backends/memory/clock';
export {
  backendConformance,
  type BackendConformanceOptions,
  type SkippedCase,
  type TestRunner,
} from '../test/conformance/backend-conformance';
export type { OpenBackend, OpenedBackend } from '../test/conformance/open-backend';
