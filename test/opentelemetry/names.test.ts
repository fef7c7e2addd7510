import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import * as names from '../../lib/opentelemetry/names';

const known = new Set<unknown>(Object.values(conventions).filter((value) => typeof value === 'string'));

it.each(Object.entries(names).filter(([, name]) => typeof name === 'string') as [string, string][])(
  '%s is a name of the conventions, or one of our own',
  (_, name) => expect(name.startsWith('job_queue.') || known.has(name)).toBe(true),
);

it('calls the metrics, attributes and operations as the conventions do', () => {
  expect(names.SENT).toBe(conventions.METRIC_MESSAGING_CLIENT_SENT_MESSAGES);
  expect(names.CONSUMED).toBe(conventions.METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES);
  expect(names.OPERATION_DURATION).toBe(conventions.METRIC_MESSAGING_CLIENT_OPERATION_DURATION);
  expect(names.PROCESS_DURATION).toBe(conventions.METRIC_MESSAGING_PROCESS_DURATION);
  expect(names.SYSTEM).toBe(conventions.ATTR_MESSAGING_SYSTEM);
  expect(names.DESTINATION).toBe(conventions.ATTR_MESSAGING_DESTINATION_NAME);
  expect(names.OPERATION).toBe(conventions.ATTR_MESSAGING_OPERATION_NAME);
  expect(names.OPERATION_TYPE).toBe(conventions.ATTR_MESSAGING_OPERATION_TYPE);
  expect(['send', 'process', 'settle']).toEqual([
    conventions.MESSAGING_OPERATION_TYPE_VALUE_SEND,
    conventions.MESSAGING_OPERATION_TYPE_VALUE_PROCESS,
    conventions.MESSAGING_OPERATION_TYPE_VALUE_SETTLE,
  ]);
});
