import type { QueueBackend } from '../../core/contract/backend';
import { feature } from '../../core/contract/features';
import type { Logger } from '../../core/contract/logger';
import type { PayloadCodec } from '../../core/payload/payload-codec';
import type { CheckedKeep } from '../../core/policy/keep';
import { RunKeeping } from '../../core/worker/run/run-keeping';

/**
 * How a pipeline's jobs are kept; undefined where the backend keeps none. The backend is told, for those who call jobs off
 * and do not know it.
 *
 * @throws {UnsupportedByBackendError} when they are to be kept there
 */
export async function keepingOf(
  backend: QueueBackend,
  { pipeline, settings: { keep } }: { readonly pipeline: string; readonly settings: { keep: CheckedKeep } },
  codec: PayloadCodec,
  logger: Logger,
): Promise<RunKeeping | undefined> {
  if (keep.completed || keep.buried) feature(backend, 'history');
  const { history } = backend.features;
  if (keep.buried) history?.limitBuried(pipeline, keep.buried);
  await history?.keepCancelled(pipeline, keep.completed);
  return history && new RunKeeping(codec, logger, keep.completed);
}
