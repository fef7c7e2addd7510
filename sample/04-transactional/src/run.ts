import { join } from 'node:path';
import { AppModule } from './app.module';
import { demonstrate } from './demonstration';
import { OrdersService } from './orders/orders.service';

demonstrate(AppModule, OrdersService, join(__dirname, 'worker.js')).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
