import { lineOf, messageOf } from '../../checks/text';
import type { Leased, Seconds } from '../../contract/job-data';
import type { Logger } from '../../contract/logger';
import type { Keep, KeepRule } from '../../contract/ports/history';
import { limitedCodec, type PayloadCodec } from '../../payload/payload-codec';
import { keepOf } from '../../policy/keep';
import { MOST_RESULT_BYTES, resultText } from '../../policy/result';
import { processTitle } from '../../process/process-title';

/** How the jobs of one pipeline are kept when they are completed. */
export class RunKeeping {
  private readonly codec: PayloadCodec;

  constructor(
    codec: PayloadCodec,
    private readonly logger: Logger,
    /** Undefined: only those that say so themselves. */
    private readonly ofPipeline: KeepRule | undefined,
  ) {
    this.codec = limitedCodec(codec, MOST_RESULT_BYTES);
  }

  /** The job's own rule, where it has one; undefined where it is not kept. */
  ruleOf({ retry }: Leased): KeepRule | undefined {
    return keepOf(retry, this.ofPipeline);
  }

  /** By that rule, with what its handler returned. */
  keepBy(rule: KeepRule, job: Leased, result: unknown, ran: Seconds): Keep {
    return this.withResult({ ...rule, ran, worker: processTitle() }, job, result);
  }

  private withResult(keep: Keep, job: Leased, value: unknown): Keep {
    try {
      const result = resultText(job.id, value, this.codec);
      return result === undefined ? keep : { ...keep, result };
    } catch (error) {
      // Its handler has done its work: to try it again would do that twice.
      this.logger.warn(
        `Job ${job.id} of ${job.pipeline} is completed. ${messageOf(error)} Return plain data, or the key of what is stored elsewhere.`,
      );
      return { ...keep, error: lineOf(error) };
    }
  }
}
