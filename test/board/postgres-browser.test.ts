import { describeBrowser } from './browser.cases';

describeBrowser('postgres');
