import { selectedBackends } from '../support/test-servers';
import { addCases } from './add.cases';
import { libraries } from './libraries';

for (const system of selectedBackends())
  for (const library of libraries[system] ?? []) addCases(system, library);
