import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { applicationDatabases } from '../support/application-databases';
import { selectedBackends } from '../support/test-servers';
import { openOnDataSource } from '../support/tested-application';

for (const name of selectedBackends().filter((name) => name in applicationDatabases)) {
  backendConformance(`${name}, on the application's DataSource`, () => openOnDataSource(name));
}
