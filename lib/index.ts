import './assembly';

export { JobQueueModule } from './nest/module/job-queue.module';
export { JobQueueService } from './nest/service/job-queue.service';
export type {
  AddedOnce,
  AddOnceOptions,
  AddOptions,
  AfterCommitOptions,
  BuryOptions,
  CurrentTransaction,
  EventsOptions,
  HistoryOptions,
  IdentifiedJob,
  JobChanges,
  JobReference,
  JobToAdd,
  KickOptions,
  LogOptions,
  ReleaseOptions,
  ReserveOptions,
  UniqueHandle,
  WaitOptions,
} from './nest/options/service.options';
export type { QueueEvent } from './nest/service/queue-events';
export type { PipelineHandle, WatchHandle } from './nest/pipelines/pipeline-handles';
export { getJobQueueBackendToken, getJobQueueToken } from './nest/options/job-queue.tokens';
export type { JobQueueModuleOptions, JobQueueOptionsFactory } from './nest/options/job-queue.options';
export type { JobQueueAsyncOptions, JobQueueOptions } from './nest/module/job-queue-core.module';
export type { HandlerOptions } from './nest/options/handler.options';
export type { LoggingOption } from './nest/options/logging.options';
export type { WorkersOption } from './nest/options/workers.options';
export type {
  HandlerSchedule,
  ScheduleOptions,
  ScheduleTransactionOptions,
} from './nest/options/schedule.options';
export type { QueueSchedules } from './nest/schedules/queue-schedules';
export type { RunningHandler } from './nest/workers/runtime-handlers';
export { InjectJobQueue } from './nest/service/inject-job-queue.decorator';
export { definePipeline } from './nest/pipelines/pipeline-definition';
export type { JobOf, PipelineDefinition } from './nest/pipelines/pipeline-definition';
export { Processor } from './nest/processors/processor.decorator';
export type { ProcessorOptions } from './nest/processors/processor.decorator';
export { Process } from './nest/processors/process.decorator';
export type { ProcessOptions } from './nest/processors/process.decorator';
export { OnJob } from './nest/processors/on-job.decorator';
export type { JobEvent, OnJobFilter } from './nest/processors/on-job.decorator';
export { JOB, JOB_CONTEXT_TYPE } from './nest/processors/job-context.creator';
export { Attempt, CurrentJob, JobId, Payload, Signal } from './nest/processors/parameter.decorators';
export { runWorker } from './nest/worker-command/run-worker';
export type { RunWorkerOptions } from './nest/worker-command/run-worker';
export type { WorkerCommandOptions } from './nest/worker-command/worker-command.options';

export type { JobContext } from './core/context/job-context';
export type { Adding, ObservedQueue, Processed, Telemetry } from './core/telemetry/telemetry';
export { Job } from './core/policy/job';
export { BuryJob, ReleaseJob } from './core/policy/outcome';
export type { Backoff, RetryOptions } from './core/policy/retry-policy';
export { jsonCodec } from './core/payload/payload-codec';
export type { PayloadCodec } from './core/payload/payload-codec';
export type { StandardSchema } from './core/payload/payload-schema';
export type { JobOptions } from './core/policy/job-options';
export type { JobKeepOptions, KeepOptions, KeepTime } from './core/policy/keep';
export type { UniqueOptions } from './core/policy/unique-options';
export type { Duration } from './core/checks/duration';
export type { ScheduleTiming } from './core/schedule/schedule';
export type { JobEventName, RunTimes } from './core/policy/job-events';
export type { EventJob } from './core/reading/event-job';
export type { FoundJob } from './core/reading/found-job';
export type { KeptJob, ResultReading } from './core/reading/kept-job';
export type { PayloadReading } from './core/reading/payload-reading';
export type {
  Burial,
  JobChange,
  JobSnapshot,
  JobState,
  Leased,
  NewJob,
  PipelineStats,
  PutResult,
  RestingState,
  Seconds,
  StoredJob,
  UniqueKey,
} from './core/contract/job-data';
export type { Admin, BackendProvider, Inspector, QueueBackend } from './core/contract/backend';
export { isUniqueKey } from './core/contract/ports/unique-key';
export type { Leases, LoneRuns, LostListener, Settled, Settlement } from './core/contract/leases';
export { feature, featureNames } from './core/contract/features';
export type {
  CallerTransactions,
  Editing,
  Features,
  HandlerTransactions,
  Headers,
  Listing,
  Page,
  Transacted,
  TransactingLeases,
  UniqueKeys,
} from './core/contract/features';
export type { Counting, PipelineCounts } from './core/contract/ports/counting';
export type {
  Missed,
  NewSchedule,
  ScheduleRule,
  Schedules,
  ScheduleSnapshot,
  ScheduleSource,
} from './core/contract/ports/schedules';
export type { EndEvent, EventRange, Events } from './core/contract/ports/events';
export type {
  Heard,
  Membership,
  Registry,
  WorkerProcess,
  WorkerReport,
} from './core/contract/ports/registry';
export type { Cancelling } from './core/contract/ports/cancelling';
export { LONGEST_LOG_LINE, MOST_LINES, MOST_PROGRESS } from './core/contract/ports/journal';
export type {
  Journal,
  JournalEntry,
  LogLine,
  LogPage,
  NewLogLine,
  Progress,
} from './core/contract/ports/journal';
export type { FailedAttempt } from './core/contract/failed-attempt';
export type {
  BuriedLimit,
  EndedJob,
  EndState,
  History,
  HistoryPage,
  HistoryPlace,
  Keep,
} from './core/contract/ports/history';
export type { JobFate, Waiting } from './core/contract/ports/waiting';
export { silentLogger } from './core/contract/logger';
export type { Logger } from './core/contract/logger';

export {
  BackendClosedError,
  BackendRefusedError,
  BackendUnavailableError,
  HandlerTimeoutError,
  InvalidConfigurationError,
  InvalidContextError,
  InvalidJobOptionError,
  InvalidPayloadError,
  InvalidPipelineNameError,
  InvalidResultError,
  InvalidScheduleError,
  JobCancelledError,
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
} from './core/contract/errors';
export {
  EventsGoneError,
  JobFailedError,
  JobGoneError,
  JobWaitTimeoutError,
} from './core/contract/end-errors';
export type { JobQueueErrorCode, PayloadIssue } from './core/contract/errors';
