import { isUnderWay, whenCommitted } from './backends/application-transaction';
import { openBackend } from './backends/open-backend';
import { assemble } from './core/contract/assembly';

/* Loaded by the entry points through which Nest's part comes in. */
assemble({ openBackend, transactions: { isUnderWay, whenCommitted } });
