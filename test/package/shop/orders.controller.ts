import { Body, Controller, Get, Post, UnprocessableEntityException } from '@nestjs/common';
import { IsEmail, IsInt } from 'class-validator';
import { InvalidPayloadError, JobQueueService } from 'nestjs-simple-job-queue';
import { DataSource } from 'typeorm';
import { confirmations } from './confirmation.js';
import { Order } from './order.js';

class PlaceOrder {
  @IsEmail()
  readonly email!: string;

  @IsInt()
  readonly amount!: number;
}

@Controller('orders')
export class OrdersController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: JobQueueService,
  ) {}

  /** The order and its job, or neither. */
  @Post()
  async place(@Body() { email, amount }: PlaceOrder): Promise<Order> {
    return this.dataSource.transaction(async (manager) => {
      const order = await manager.save(Order, { email, amount });
      await this.queue.addJob(confirmations, { orderId: order.id, email }, { manager });
      if (amount === 0) throw new UnprocessableEntityException('Nothing is ordered');
      return order;
    });
  }

  @Get()
  async list(): Promise<{ orders: Order[]; ready: number }> {
    const orders = await this.dataSource.getRepository(Order).find();
    return { orders, ready: await this.queue.getReadyCount(confirmations) };
  }

  /** What a schema refuses is refused before it is stored. */
  @Post('mistaken')
  async mistaken(): Promise<string[]> {
    const mistake = { orderId: 1, email: 'nobody' };
    return this.queue.addJob(confirmations, mistake).then(
      () => [],
      (error: unknown) => (error instanceof InvalidPayloadError ? error.issues.map(({ path }) => path) : []),
    );
  }
}
