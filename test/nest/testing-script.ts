import { Test } from '@nestjs/testing';
import { JobQueueService, Process, Processor } from '../../lib/index';
import { JobQueueTester, JobQueueTestingModule } from '../../lib/testing';

@Processor('mail')
class MailProcessor {
  @Process()
  send(): void {}
}

async function main(): Promise<void> {
  const module = await Test.createTestingModule({
    imports: [JobQueueTestingModule.forRoot()],
    providers: [MailProcessor],
  }).compile();
  await module.get(JobQueueService).addJob('mail', {});
  const { completed } = await module.get(JobQueueTester).drain();
  process.stdout.write(`completed ${completed.length}\n`);
}

void main();
