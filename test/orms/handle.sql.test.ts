import { selectedBackends } from '../support/test-servers';
import { handleCases } from './handle.cases';
import { libraries } from './libraries';

for (const system of selectedBackends())
  for (const library of libraries[system] ?? []) handleCases(system, library);
