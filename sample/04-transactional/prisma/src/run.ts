import { join } from 'node:path';
import { demonstrate } from '../../src/demonstration';
import { AppModule } from './app.module';
import { OrdersService } from './orders.service';

demonstrate(AppModule, OrdersService, join(__dirname, 'worker.js')).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
