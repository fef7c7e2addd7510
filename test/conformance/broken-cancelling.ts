import type { QueueBackend } from '../../lib/core/contract/backend';
import type { LostListener } from '../../lib/core/contract/leases';
import type { Cancelling } from '../../lib/core/contract/ports/cancelling';
import type { BrokenBackend } from './broken-backends';

/* Faults in how a backend calls jobs off. */

function calling(
  fault: string,
  caughtBy: string,
  cancel: (sound: Cancelling, backend: QueueBackend) => Cancelling['cancel'],
): BrokenBackend {
  return {
    fault,
    caughtBy,
    features: (sound) => ({ cancelling: { cancel: cancel(sound.features.cancelling!, sound) } }),
  };
}

function telling(
  fault: string,
  caughtBy: string,
  listener: (onLost: LostListener) => LostListener | undefined,
): BrokenBackend {
  return {
    fault,
    caughtBy,
    backend: (sound) => ({
      lease: (pipelines, onLost) => sound.lease(pipelines, onLost && listener(onLost)),
    }),
  };
}

export const brokenCancelling: readonly BrokenBackend[] = [
  calling(
    'leaves a job alone that is reserved',
    'a job is cancelled in every state, and is in none then',
    (_sound, backend) => (id) => backend.admin.discard(id),
  ),
  calling(
    'cancels what is not there',
    'a job that does not exist, has ended or is cancelled already cannot be cancelled',
    (sound) => async (id, reason) => {
      await sound.cancel(id, reason);
      return true;
    },
  ),
  calling(
    'forgets the reason',
    'the holder of a cancelled job is told within a second, with the reason',
    (sound) => (id) => sound.cancel(id),
  ),
  telling(
    'says of a cancelled job only that it is lost',
    'a cancelled job cannot be settled, and its holder knows why when it is reported lost',
    (onLost) => (jobs) => onLost(jobs, new Error('the connection has ended')),
  ),
  telling(
    'tells nobody',
    'a cancelled job is not renewed or given back, and its holder knows why',
    () => undefined,
  ),
  calling(
    'leaves a running job its key',
    'a job that is cancelled frees its unique key',
    (sound, backend) => async (id) => (await backend.admin.kickJob(id)) || (await sound.cancel('none')),
  ),
  calling(
    'takes it for granted that it was in time',
    'of a cancellation and a settlement at the same time one has its way',
    (sound) => async (id, reason) => {
      await Promise.resolve();
      await sound.cancel(id, reason);
      return true;
    },
  ),
];
