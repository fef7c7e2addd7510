export { JobQueueBoardModule } from './board/job-queue-board.module';
export type { BoardOptions, BoardRequest, BoardRootOptions } from './board/board-options';
export type { PayloadMask } from './board/jobs/payload-view';
