export { JobQueueHealthIndicator, type JobQueueHealthOptions } from './terminus/job-queue.health-indicator';
