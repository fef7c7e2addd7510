import { conformanceCases } from '../../lib/testing/conformance/conformance-cases';
import { brokenBackends, connected } from './broken-backends';

describe('the suite finds a backend that', () => {
  it.concurrent.each(brokenBackends)('$fault', async (broken) => {
    const finder = conformanceCases.find(({ name }) => name === broken.caughtBy);
    expect(finder).toBeDefined();
    const backend = await connected(broken);
    const open = () => Promise.resolve({ backend, close: () => backend.close() });
    await expect(finder?.run(backend, open)).rejects.toMatchObject({ code: 'ERR_ASSERTION' });
  });
});
