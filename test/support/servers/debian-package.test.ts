import { announce, installMissing, mayInstall } from './debian-package';

describe('Servers are installed', () => {
  const before = process.env['TEST_INSTALL'];
  afterEach(() => {
    jest.restoreAllMocks();
    if (before === undefined) delete process.env['TEST_INSTALL'];
    else process.env['TEST_INSTALL'] = before;
  });

  it('not with TEST_INSTALL=no: the error has the command', () => {
    process.env['TEST_INSTALL'] = 'no';
    expect(mayInstall()).toBe(false);
    const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const missing = { name: 'a-server', isInstalled: () => false };
    expect(() => installMissing([missing])).toThrow(/apt-get install -y --no-install-recommends a-server\n/);
    expect(written).not.toHaveBeenCalled();
  });

  it('after a line that says so, and how to prevent it', () => {
    const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    announce('The tests install a-server');
    expect(written.mock.calls).toEqual([['The tests install a-server (TEST_INSTALL=no prevents this)\n']]);
  });

  it('never when nothing is missing', () => {
    const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    installMissing([{ name: 'a-server', isInstalled: () => true }]);
    expect(written).not.toHaveBeenCalled();
  });
});
