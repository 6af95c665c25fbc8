import { openPostgres } from '../../support/postgres-database.ts';
import { size } from '../../support/size.ts';
import { describeStoreModel } from '../describe-store-model.ts';

describeStoreModel('PostgreSQL store', openPostgres(), size(15, 500));
