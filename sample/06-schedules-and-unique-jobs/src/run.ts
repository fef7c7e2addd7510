import { demonstrate } from './demonstration';

demonstrate().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
