import { applicationDatabases } from '../support/application-databases';
import { selectedBackends } from '../support/test-servers';
import { afterCommitCases } from './after-commit.cases';

afterCommitCases(selectedBackends().filter((name) => name in applicationDatabases));
