export { JobQueueModule } from './nest/job-queue.module';
export { JobQueueService } from './nest/job-queue.service';
export type {
  AddOptions,
  AfterCommitOptions,
  BuryOptions,
  CurrentTransaction,
  JobToAdd,
  ReleaseOptions,
  ReserveOptions,
} from './nest/service.options';
export type { PipelineHandle, WatchHandle } from './nest/pipeline-handles';
export { getJobQueueBackendToken, getJobQueueToken } from './nest/job-queue.tokens';
export type { JobQueueModuleOptions, JobQueueOptionsFactory } from './nest/job-queue.options';
export type { JobQueueAsyncOptions, JobQueueOptions } from './nest/job-queue-core.module';
export type { HandlerOptions } from './nest/handler.options';
export type { RunningHandler } from './nest/runtime-handlers';
export { InjectJobQueue } from './nest/inject-job-queue.decorator';
export { definePipeline } from './nest/pipeline-definition';
export type { JobOf, PipelineDefinition } from './nest/pipeline-definition';
export { Processor } from './nest/processor.decorator';
export type { ProcessorOptions } from './nest/processor.decorator';
export { Process } from './nest/process.decorator';
export type { ProcessOptions } from './nest/process.decorator';
export { OnJob } from './nest/on-job.decorator';
export type { JobEvent, OnJobFilter } from './nest/on-job.decorator';
export { JOB, JOB_CONTEXT_TYPE } from './nest/job-context.creator';
export { Attempt, CurrentJob, JobId, Payload, Signal } from './nest/parameter.decorators';
export { runWorker } from './nest/run-worker';
export type { RunWorkerOptions } from './nest/run-worker';
export type { WorkerCommandOptions } from './nest/worker-command/worker-command.options';

export { Job } from './core/handled-job';
export { BuryJob, ReleaseJob } from './core/outcome';
export type { Backoff, RetryOptions } from './core/retry-policy';
export { jsonCodec } from './core/payload-codec';
export type { PayloadCodec } from './core/payload-codec';
export type { StandardSchema } from './core/payload-schema';
export type { JobOptions } from './core/job-options';
export type { JobEventName } from './core/job-events';
export type {
  JobSnapshot,
  JobState,
  NewJob,
  PipelineStats,
  ReservedJob,
  RestingState,
  Seconds,
  StoredJob,
} from './core/job';
export type {
  BackendProvider,
  Consumer,
  ExchangeAnswer,
  ExchangeRequest,
  Inspector,
  Lister,
  Page,
  Producer,
  QueueBackend,
  Settlement,
} from './core/backend';

export {
  BackendClosedError,
  BackendRefusedError,
  BackendUnavailableError,
  HandlerTimeoutError,
  InvalidConfigurationError,
  InvalidJobOptionError,
  InvalidPayloadError,
  InvalidPipelineNameError,
  JobQueueError,
  MissingDriverError,
  MissingPackageError,
  PayloadTooLargeError,
  ProcessorMisconfiguredError,
  PutIncompleteError,
  ReservationLostError,
  SchemaMismatchError,
  UndecodablePayloadError,
  UnsupportedByBackendError,
  UnsupportedServerError,
  WorkerStoppedError,
} from './core/errors';
export type { JobQueueErrorCode, PayloadIssue } from './core/errors';
