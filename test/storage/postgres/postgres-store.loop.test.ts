import { createPostgresOpener } from '../../support/postgres/postgres-database.ts';
import { describeStoreModel } from '../model/describe-store-model.ts';

describeStoreModel('PostgreSQL store', createPostgresOpener());
