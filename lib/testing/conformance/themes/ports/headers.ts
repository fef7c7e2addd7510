import assert from 'node:assert/strict';
import { feature } from '../../../../core/contract/features';
import type { Theme } from '../../conformance-case';

export const headers: Theme = {
  name: 'headers',
  port: 'headers',
  cases: {
    'headers come with a job, and stay through retries, burials and kicks': async (queue) => {
      const headers = '{"trace": "00-ab", "of":"zwölf"}';
      await queue.put({ headers, retry: '{"attempts": 2}' });
      const [plain] = await queue.put({ priority: 2000 });
      const leases = await queue.lease();
      const first = await leases.reserveOne();
      assert.deepEqual([first.headers, first.retry], [headers, '{"attempts": 2}']);
      await leases.release(first);
      const second = await leases.reserveOne();
      assert.equal(second.headers, headers);
      await leases.bury(second);
      assert.equal((await queue.backend.inspect.peek(queue.pipeline, 'buried'))?.headers, headers);
      await queue.backend.admin.kick(queue.pipeline, 1);
      const [third, last] = await leases.reserve(2);
      assert.equal(third?.headers, headers);
      assert.deepEqual([last?.id, last?.headers], [plain, undefined]);
    },

    'they may be as long as the backend says, in letters of every length': async (queue) => {
      const { mostBytes } = feature(queue.backend, 'headers');
      assert.ok(mostBytes >= 16_384, `${mostBytes} bytes are not enough`);
      for (const letter of ['a', 'ü', '€', '\\"']) {
        const room = mostBytes - Buffer.byteLength('{"long":""}');
        const long = `{"long":"${letter.repeat(Math.floor(room / Buffer.byteLength(letter)))}"}`;
        await queue.put({ headers: long });
        const leases = await queue.lease();
        const job = await leases.reserveOne();
        assert.equal(job.headers, long);
        await leases.delete(job);
      }
    },
  },
};
