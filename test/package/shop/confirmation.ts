import { IsEmail, IsInt } from 'class-validator';
import { definePipeline } from 'nestjs-simple-job-queue';

export class Confirmation {
  @IsInt()
  readonly orderId!: number;

  @IsEmail()
  readonly email!: string;
}

export const confirmations = definePipeline('confirmations', { schema: Confirmation });
