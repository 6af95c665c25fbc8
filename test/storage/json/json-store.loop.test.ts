import { describeStoreModel } from '../model/describe-store-model.ts';
import { openDisposableStore } from './disposable-store.ts';

describeStoreModel('JSON store', openDisposableStore);
