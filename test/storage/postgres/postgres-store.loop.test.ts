import { createPostgresOpener } from '../../support/postgres-database.ts';
import { describeStoreModel } from '../describe-store-model.ts';

describeStoreModel('PostgreSQL store', createPostgresOpener());
