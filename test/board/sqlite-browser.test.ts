import { describeBrowser } from './browser.cases';

describeBrowser('sqlite');
