import { afterCommitCases } from '../nest/after-commit.cases';
import { currentTransactionCases } from '../nest/current-transaction.cases';

currentTransactionCases(['sqlite']);
afterCommitCases(['sqlite']);
