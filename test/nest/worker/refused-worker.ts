import {
  JobQueueModule,
  MissingPackageError,
  Process,
  Processor,
  runWorker,
  UnsupportedServerError,
} from '../../../lib/index';

/* A worker whose backend throws the error that ERROR names. */

const ERRORS: Readonly<Record<string, () => Error>> = {
  MISSING_PACKAGE: () => new MissingPackageError('class-validator', 'A class as the schema of a pipeline'),
  UNSUPPORTED_SERVER: () => new UnsupportedServerError('PostgreSQL 9', 'PostgreSQL 12'),
};

@Processor('mail')
class MailProcessor {
  @Process()
  send(): void {}
}

class WorkerModule {}

void runWorker({
  module: WorkerModule,
  imports: [
    JobQueueModule.forRootAsync({
      useFactory: () => {
        throw ERRORS[process.env['ERROR']!]!();
      },
    }),
  ],
  providers: [MailProcessor],
});
