import { definePipeline } from 'nestjs-simple-job-queue';

export interface Greeting {
  readonly name: string;
}

export const GREETINGS = definePipeline<Greeting>('greetings');
export const REPLIES = definePipeline<string>('replies');
