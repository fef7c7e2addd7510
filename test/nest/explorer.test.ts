import { Controller, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import { JobQueueModule, OnJob, Process, Processor, ProcessorMisconfiguredError } from '../../lib/index';
import { closeApplications, queueApplication } from './application';

afterEach(closeApplications);

/** The message with which an application of these parts does not start. */
async function refusal(metadata: ModuleMetadata): Promise<string> {
  class RootModule {}
  const imports = [JobQueueModule.forRoot({ backend: memoryBackend() })];
  const start = NestFactory.createApplicationContext(
    { module: RootModule, imports, ...metadata },
    { logger: false, abortOnError: false },
  );
  const error: unknown = await start.then(
    () => 'it started',
    (refused: unknown) => refused,
  );
  expect(error).toBeInstanceOf(ProcessorMisconfiguredError);
  return (error as Error).message;
}

describe('an application does not start with', () => {
  it('two handlers for a pipeline in one class', async () => {
    @Processor('emails')
    class Twice {
      @Process()
      one(): void {}
      @Process()
      other(): void {}
    }
    expect(await refusal({ providers: [Twice] })).toBe(
      'The pipeline emails has two handlers: Twice.one and Twice.other both handle it. Remove one.',
    );
  });

  it('two handlers for a pipeline in two classes', async () => {
    @Processor('emails')
    class One {
      @Process()
      send(): void {}
    }
    @Processor()
    class Other {
      @Process('emails')
      post(): void {}
    }
    expect(await refusal({ providers: [One, Other] })).toContain('One.send and Other.post');
  });

  it('a processor that is provided twice', async () => {
    @Processor('emails')
    class Once {
      @Process()
      send(): void {}
    }
    expect(await refusal({ providers: [Once, { provide: 'AGAIN', useClass: Once }] })).toContain(
      'Once.send is provided twice',
    );
  });

  it.each([
    ['@Process()', Process('emails')],
    ['@OnJob()', OnJob('buried')],
  ])('%s on a class without @Processor()', async (name, decorate) => {
    class Plain {
      @decorate
      send(): void {}
    }
    const message = `Plain.send has ${name}, but would never be called: put @Processor() on the class Plain.`;
    expect(await refusal({ providers: [Plain] })).toBe(message);
    expect(await refusal({ providers: [{ provide: 'PLAIN', useValue: new Plain() }] })).toBe(message);
  });

  it('a processor without a handler', async () => {
    @Processor('emails')
    class Idle {
      @OnJob('buried')
      buried(): void {}
    }
    @Processor()
    class Empty {}
    expect(await refusal({ providers: [Idle] })).toContain('Idle has @Processor() but no handler');
    expect(await refusal({ providers: [Empty] })).toContain('Empty has @Processor() but no handler');
  });

  it('a pipeline name outside the rule, or none', async () => {
    @Processor('no spaces')
    class Spaces {
      @Process()
      send(): void {}
    }
    @Processor()
    class Nameless {
      @Process()
      send(): void {}
    }
    @Processor('emails')
    class Listener {
      @Process()
      send(): void {}
      @OnJob('buried', { pipeline: '-dash' })
      buried(): void {}
    }
    expect(await refusal({ providers: [Spaces] })).toContain(
      'Spaces.send: "no spaces" is not a valid pipeline name',
    );
    expect(await refusal({ providers: [Nameless] })).toContain('Nameless.send names no pipeline');
    expect(await refusal({ providers: [Listener] })).toContain(
      'Listener.buried: "-dash" is not a valid pipeline name',
    );
  });

  it.each([
    [{ concurrency: 0 }, 'concurrency must be an integer from 1'],
    [{ attempts: 1.5 }, 'attempts must be an integer from 1 to 4294967295, got 1.5'],
    [{ maxLost: -1 }, 'maxLost must be an integer'],
    [{ timeout: NaN }, 'timeout must be a duration of 0 to 4294967295 seconds'],
    [{ backoff: { type: 'exponential', delay: -1 } } as const, 'backoff.delay must be a duration'],
  ])('the option %j', async (options, named) => {
    @Processor('emails')
    class Wrong {
      @Process(options)
      send(): void {}
    }
    const message = await refusal({ providers: [Wrong] });
    expect(message).toContain('Wrong.send: ');
    expect(message).toContain(named);
  });

  it('an event that does not exist', async () => {
    @Processor('emails')
    class Listener {
      @Process()
      send(): void {}
      @OnJob('finished' as 'completed')
      finished(): void {}
    }
    expect(await refusal({ providers: [Listener] })).toContain('Listener.finished listens to "finished"');
  });

  it('a queue that does not exist', async () => {
    @Processor({ pipeline: 'emails', queue: 'second' })
    class Lost {
      @Process()
      send(): void {}
    }
    expect(await refusal({ providers: [Lost] })).toContain('Lost belongs to the queue "second"');
  });

  it('a controller as a processor', async () => {
    @Controller()
    @Processor('emails')
    class Both {
      @Process()
      send(): void {}
    }
    @Controller()
    class Stray {
      @Process('emails')
      send(): void {}
    }
    expect(await refusal({ controllers: [Both] })).toContain('Both is a controller');
    expect(await refusal({ controllers: [Stray] })).toContain('Stray.send has @Process()');
  });
});

it('runs no getter and touches no instance of a class without decorators', async () => {
  class Stranger {
    get trap(): never {
      throw new Error('the getter ran');
    }
  }
  const proxy = new Proxy(new Stranger(), {
    get: (_target, key) => {
      // Nest itself asks an instance whether it is a promise and which hooks it has.
      if (key === 'trap') throw new Error('the getter ran');
      return undefined;
    },
  });
  await queueApplication([
    Stranger,
    { provide: 'VALUE', useValue: new Stranger() },
    { provide: 'PROXY', useValue: proxy },
    { provide: 'BARE', useValue: Object.create(null) as object },
    { provide: 'NULL', useValue: null },
    { provide: 'TEXT', useValue: 'text' },
    { provide: 'FUNCTION', useValue: () => 'answer' },
  ]);
});
