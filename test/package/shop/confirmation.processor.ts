import { InjectRepository } from '@nestjs/typeorm';
import { type Job, Process, Processor } from 'nestjs-simple-job-queue';
import { Repository } from 'typeorm';
import { Confirmation, confirmations } from './confirmation.js';
import { Order } from './order.js';

@Processor()
export class ConfirmationProcessor {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  @Process(confirmations)
  async confirm({ payload }: Job<Confirmation>): Promise<void> {
    if (!(payload instanceof Confirmation)) throw new Error('The payload is no instance of its class');
    await this.orders.update(payload.orderId, { confirmed: true });
  }
}
