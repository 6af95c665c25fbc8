import { describeStore } from '../contract/describe-store.ts';
import { openDisposableStore } from './disposable-store.ts';

describeStore('JSON store', openDisposableStore);
